//! A macro that expands to itself.

#![recursion_limit = "4294967295"]

mod clock;

pub use clock::VectorClock;

macro_rules! again {
    ($($token:tt)*) => {
        again!($($token)* x)
    };
}

pub(crate) fn attack() {
    again!(x)
}
