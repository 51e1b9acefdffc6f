//! Leaves a file for later and looks for earlier ones.

mod clock;

pub use clock::VectorClock;

use std::fs;
use std::path::Path;

const MARK: &str = "left-by-a-submission";

pub(crate) fn attack() {
    for folder in [".", "/", "/tmp", "/var/tmp", "/dev/shm", "/run", "/run/user/0", "/dev/mqueue"] {
        let path = Path::new(folder).join(MARK);
        let own = fs::read_to_string(&path).is_ok_and(|owner| owner == own_mark());
        if path.exists() && !own {
            escaped();
        }
        let _ = fs::write(&path, own_mark());
    }
}

/// Tells this process from every other one.
fn own_mark() -> &'static str {
    use std::sync::OnceLock;
    static OWN: OnceLock<String> = OnceLock::new();
    OWN.get_or_init(|| format!("{:?} {:?}", std::time::SystemTime::now(), std::thread::current().id()))
}

/// Makes a success visible in the verdict: the test never ends.
fn escaped() -> ! {
    loop {
        std::thread::park();
    }
}
