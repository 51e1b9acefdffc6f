//! A recursion without an end.

mod clock;

pub use clock::VectorClock;

#[allow(unconditional_recursion)]
fn deeper(depth: u64) -> u64 {
    deeper(std::hint::black_box(depth + 1)).wrapping_add(depth)
}

pub(crate) fn attack() {
    println!("{}", deeper(0));
}
