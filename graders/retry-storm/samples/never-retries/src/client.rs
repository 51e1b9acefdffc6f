//! The calling side. Retries made the incident, so there are none: an attempt succeeds, or the caller hears that it
//! failed.

use crate::{Attempt, Failure, Layer, Millis, Step};

/// One instance of a service, as a caller of the next one: all its calls go through here.
#[derive(Debug)]
pub struct Client {
    timeout: Millis,
}

/// What a client knows about a call that is on its way: nothing that it needs.
#[derive(Debug)]
pub struct Call;

impl Client {
    /// A client of this layer.
    pub fn new(layer: Layer, _seed: u64) -> Self {
        let timeout = match layer {
            Layer::Gateway => 1_500,
            Layer::Checkout => 1_000,
        };
        Self { timeout }
    }

    /// Begins a call. At `deadline` the caller stops waiting; `None` if it did not say when.
    pub fn start(&mut self, now: Millis, deadline: Option<Millis>) -> (Call, Step) {
        let end = deadline.unwrap_or(Millis::MAX).min(now + self.timeout);
        let step = match end.saturating_sub(now) {
            0 => Step::GiveUp,
            timeout => Step::Send(Attempt { at: now, timeout, deadline: Some(end) }),
        };
        (Call, step)
    }

    /// An answer came in time. This ends the call.
    pub fn succeeded(&mut self, _call: Call, _now: Millis) {}

    /// The attempt has failed, and so has the call.
    pub fn failed(&mut self, _call: &mut Call, _now: Millis, _failure: Failure) -> Step {
        Step::GiveUp
    }
}
