//! Eight thousand compile errors.

mod clock;

pub use clock::VectorClock;

macro_rules! errors {
    ($($depth:tt)*) => {
        errors!(@double [$($depth)*] [$($depth)*]);
    };
    (@double [] []) => {
        compile_error!("all work and no play makes a dull diagnostic");
    };
    (@double [$first:tt $($left:tt)*] [$second:tt $($right:tt)*]) => {
        errors!(@double [$($left)*] [$($right)*]);
        errors!(@double [$($left)*] [$($right)*]);
    };
}

errors!(x x x x x x x x x x x x x);

pub(crate) fn attack() {}
