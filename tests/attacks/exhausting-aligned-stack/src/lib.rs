//! A local variable with an alignment of half a gigabyte.
//!
//! The stack pointer jumps over the guard page to get there, unless the compiler touches every page on the way.

mod clock;

pub use clock::VectorClock;

#[repr(align(536870912))]
struct Aligned(u8);

#[inline(never)]
fn far_below(depth: u8) -> usize {
    let mut local = Aligned(depth);
    let local = std::hint::black_box(&mut local);
    local.0 = 7;
    if depth == 0 { 0 } else { far_below(depth - 1) + usize::from(local.0) }
}

pub(crate) fn attack() {
    std::hint::black_box(far_below(200));
}
