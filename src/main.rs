//! The binary `quorate`: all that it does is in the library.

fn main() -> std::process::ExitCode {
    quorate::sandbox::run_if_hidden();
    quorate::cli::run()
}
