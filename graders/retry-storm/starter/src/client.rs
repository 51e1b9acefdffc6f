//! The calling side: when an attempt is sent, how long it may take, and whether another one follows.

use crate::{Attempt, Failure, Layer, Millis, Step};

/// How a layer calls the one below.
#[derive(Debug, Clone, Copy)]
struct Policy {
    /// How many attempts a call may have.
    attempts: u32,
    /// How long to wait for a response.
    timeout: Millis,
    /// How long to wait between a failure and the next attempt.
    pause: Millis,
}

impl Policy {
    fn of(layer: Layer) -> Self {
        match layer {
            Layer::Gateway => Self { attempts: 3, timeout: 1_000, pause: 100 },
            Layer::Checkout => Self { attempts: 3, timeout: 400, pause: 50 },
        }
    }
}

/// The calling side of one instance of a service. All its calls go through here.
#[derive(Debug)]
pub struct Client {
    policy: Policy,
}

/// What a client knows about a call in progress.
#[derive(Debug)]
pub struct Call {
    attempts: u32,
}

impl Client {
    /// Creates a client of this layer. Each instance gets its own seed.
    pub fn new(layer: Layer, _seed: u64) -> Self {
        Self { policy: Policy::of(layer) }
    }

    /// Begins a call. The caller stops waiting at `deadline`; `None` means that it set no deadline.
    pub fn start(&mut self, now: Millis, _deadline: Option<Millis>) -> (Call, Step) {
        (Call { attempts: 1 }, self.attempt(now))
    }

    /// A response arrived in time. This ends the call.
    pub fn succeeded(&mut self, _call: Call, _now: Millis) {}

    /// The most recent attempt has failed. Returns what the client does next.
    pub fn failed(&mut self, call: &mut Call, now: Millis, _failure: Failure) -> Step {
        if call.attempts == self.policy.attempts {
            return Step::GiveUp;
        }
        call.attempts += 1;
        self.attempt(now + self.policy.pause)
    }

    fn attempt(&self, at: Millis) -> Step {
        Step::Send(Attempt { at, timeout: self.policy.timeout, deadline: None })
    }
}
