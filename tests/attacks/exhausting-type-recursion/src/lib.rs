//! A trait bound that is proved for ever.

#![recursion_limit = "4294967295"]

mod clock;

pub use clock::VectorClock;

trait Proved {}

struct Pair<A, B>(A, B);

impl<A, B> Proved for Pair<A, B>
where
    Pair<Pair<A, B>, B>: Proved,
    Pair<A, Pair<A, B>>: Proved,
{
}

fn prove<T: Proved>() {}

pub(crate) fn attack() {
    prove::<Pair<u8, u8>>();
}
