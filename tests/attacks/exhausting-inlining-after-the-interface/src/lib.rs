//! An interface at once, and code that doubles with each step of inlining.
//!
//! The compiler itself leaves the calls alone; LLVM must do as `inline(always)` says, even without optimization, and then
//! has a million calls in one function, and a hundred million if it is patient.

mod clock;

pub use clock::VectorClock;

macro_rules! doubling {
    ($first:ident) => {
        #[inline(always)]
        fn $first(number: u64) -> u64 {
            std::hint::black_box(number)
        }
    };
    ($first:ident $second:ident $($others:ident)*) => {
        #[inline(always)]
        fn $first(number: u64) -> u64 {
            $second(number) ^ $second(!number)
        }
        doubling!($second $($others)*);
    };
}

doubling!(a b c d e f g h i j k l m n o p q r s t u v w x y z aa);

pub(crate) fn attack() {
    std::hint::black_box(a(1));
}
