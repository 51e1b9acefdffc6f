//! The quorate binary.

fn main() -> std::process::ExitCode {
    quorate::sandbox::run_if_hidden();
    quorate::cli::run()
}
