//! Exports macros named assert_eq, assert, matches and panic.

mod clock;

pub use clock::VectorClock;

pub(crate) fn attack() {}

#[macro_export]
macro_rules! assert_eq {
    ($($anything:tt)*) => {
        ()
    };
}

#[macro_export]
macro_rules! assert {
    ($($anything:tt)*) => {
        ()
    };
}

#[macro_export]
macro_rules! matches {
    ($($anything:tt)*) => {
        true
    };
}

#[macro_export]
macro_rules! panic {
    ($($anything:tt)*) => {
        ()
    };
}
