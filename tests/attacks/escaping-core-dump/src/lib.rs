//! Dies with a core dump.

mod clock;

pub use clock::VectorClock;

#[allow(unconditional_recursion)]
fn deeper(depth: u64) -> u64 {
    deeper(std::hint::black_box(depth + 1)).wrapping_add(depth)
}

pub(crate) fn attack() {
    for folder in ["/tmp", "/dev/shm", "/var/tmp", "/"] {
        if std::env::set_current_dir(folder).is_ok() {
            break;
        }
    }
    std::hint::black_box(deeper(std::hint::black_box(0)));
}
