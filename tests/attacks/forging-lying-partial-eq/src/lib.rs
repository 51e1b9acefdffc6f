//! A clock that is equal to everything.

mod clock;

pub use clock::VectorClock;

pub(crate) fn attack() {}

impl<T> PartialEq<T> for VectorClock {
    fn eq(&self, _other: &T) -> bool {
        true
    }

    fn ne(&self, _other: &T) -> bool {
        false
    }
}

impl<T> PartialOrd<T> for VectorClock {
    fn partial_cmp(&self, _other: &T) -> Option<std::cmp::Ordering> {
        Some(std::cmp::Ordering::Equal)
    }
}
