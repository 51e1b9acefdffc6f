//! A client that is wrong from the first call on: what the attack does not win is lost.

use crate::{Failure, Layer, Millis, Step};

/// One instance of a service, as a caller of the next one: all its calls go through here.
#[derive(Debug)]
pub struct Client;

/// What a client knows about a call that is on its way.
#[derive(Debug)]
pub struct Call;

impl Client {
    /// A client of this layer. Each instance gets a seed of its own.
    pub fn new(_layer: Layer, _seed: u64) -> Self {
        panic!("not today")
    }

    /// Begins a call. At `deadline` the caller stops waiting; `None` if it did not say when.
    pub fn start(&mut self, _now: Millis, _deadline: Option<Millis>) -> (Call, Step) {
        (Call, Step::GiveUp)
    }

    /// An answer came in time. This ends the call.
    pub fn succeeded(&mut self, _call: Call, _now: Millis) {}

    /// The attempt that was sent last has failed.
    pub fn failed(&mut self, _call: &mut Call, _now: Millis, _failure: Failure) -> Step {
        Step::GiveUp
    }
}
