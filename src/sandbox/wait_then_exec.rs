//! A program that waits for a file and then becomes another program: this binary under another name, inside a jail.
//!
//! With it the last step of a tool (a compiler's call of its linker) can wait for what another jail makes meanwhile.

use std::path::Path;
use std::time::Duration;

/// Where the quorate binary must stand in a jail to be this program: by its name it knows what it is.
pub const PROGRAM: &str = "/wait-then-exec";

/// Between two looks. What is waited for is nearly always there already.
const PAUSE: Duration = Duration::from_micros(500);

/// Takes `--wait-for=FILE` and `--then=PROGRAM` out of the arguments, wherever they stand, and becomes the program with the
/// others once the file is there. How long that may take is the jail's to say.
pub(super) fn run(args: impl Iterator<Item = String>) -> ! {
    let (mut file, mut program, mut others) = (None, None, Vec::new());
    for argument in args {
        if let Some(path) = argument.strip_prefix("--wait-for=") {
            file = Some(path.to_owned());
        } else if let Some(path) = argument.strip_prefix("--then=") {
            program = Some(path.to_owned());
        } else {
            others.push(argument);
        }
    }
    let (Some(file), Some(program)) = (file, program) else {
        eprintln!("--wait-for=FILE and --then=PROGRAM are needed");
        std::process::exit(2);
    };
    while !Path::new(&file).exists() {
        std::thread::sleep(PAUSE);
    }
    use std::os::unix::process::CommandExt as _;
    let error = std::process::Command::new(&program).args(others).exec();
    eprintln!("{program}: {error}");
    std::process::exit(1)
}
