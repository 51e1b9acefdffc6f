//! An interface at once, and then an error without a place.
//!
//! The assembler refuses code in a section that holds only zeros, long after the tests have begun to be compiled.

mod clock;

pub use clock::VectorClock;

struct Zeros;

impl Zeros {
    #[unsafe(link_section = ".bss")]
    #[inline(never)]
    fn code() -> u64 {
        std::hint::black_box(7)
    }
}

pub(crate) fn attack() {
    std::hint::black_box(Zeros::code());
}
