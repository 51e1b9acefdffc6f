//! A function that needs ever larger versions of itself.

#![recursion_limit = "4294967295"]
#![allow(unconditional_recursion)]

mod clock;

pub use clock::VectorClock;

fn deeper<T>(depth: usize) -> usize {
    if depth == 0 { size_of::<T>() } else { deeper::<(T, T)>(depth - 1) }
}

pub(crate) fn attack() {
    println!("{}", deeper::<u8>(3));
}
