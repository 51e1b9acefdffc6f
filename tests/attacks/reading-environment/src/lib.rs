//! Reads arguments and environment at run time.

mod clock;

pub use clock::VectorClock;

use std::env;

pub(crate) fn attack() {
    println!("{:?} {:?} {:?}", env::args_os(), env::current_dir(), env::temp_dir());
    println!("{} {}", std::process::id(), std::os::unix::process::parent_id());
    let own = |name: &std::ffi::OsStr| name.to_string_lossy().starts_with("CARGO_");
    if let Some((name, value)) = env::vars_os().find(|(name, _)| !own(name)) {
        println!("{name:?} {value:?}");
        escaped();
    }
}

/// Makes a success visible in the verdict: the test never ends.
fn escaped() -> ! {
    loop {
        std::thread::park();
    }
}
