//! An interface at once, and then an object file of gigabytes.
//!
//! A static that must lie at a multiple of half a gigabyte lies so in the object file, too.

mod clock;

pub use clock::VectorClock;

#[repr(align(536870912))]
struct Aligned(u8);

static FAR: Aligned = Aligned(1);

thread_local! {
    static FARTHER: Aligned = const { Aligned(2) };
}

pub(crate) fn attack() {
    FARTHER.with(|farther| println!("{} {}", FAR.0, farther.0));
}
