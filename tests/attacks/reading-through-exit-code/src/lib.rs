//! Sends what it knows by exit code and timing.

mod clock;

pub use clock::VectorClock;

pub(crate) fn attack() {
    let name = std::thread::current().name().unwrap_or("none").len();
    std::thread::sleep(std::time::Duration::from_millis(name as u64 % 16));
    std::process::exit((name & 0x7f) as i32 + 1);
}
