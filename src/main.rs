//! The quorate binary.

fn main() -> std::process::ExitCode {
    quorate::cli::run()
}
