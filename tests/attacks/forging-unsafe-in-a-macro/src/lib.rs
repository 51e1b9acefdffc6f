//! Unsafe that is hidden in a macro and in an expansion.

mod clock;

pub use clock::VectorClock;

macro_rules! hidden {
    ($($token:tt)*) => {
        $($token)*
    };
}

pub(crate) fn attack() {
    hidden!(unsafe { std::hint::unreachable_unchecked() })
}
