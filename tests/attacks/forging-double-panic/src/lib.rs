//! A panic while a panic unwinds.

mod clock;

pub use clock::VectorClock;

struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("while unwinding");
    }
}

pub(crate) fn attack() {
    let _bomb = Bomb;
    panic!("at first");
}
