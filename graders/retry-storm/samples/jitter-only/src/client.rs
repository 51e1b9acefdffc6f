//! The calling side: when an attempt is sent, how long it may take, and whether there is another one.

use crate::{Attempt, Failure, Layer, Millis, Random, Step};

/// How a layer calls the one below.
#[derive(Debug, Clone, Copy)]
struct Policy {
    /// The most attempts for one call.
    attempts: u32,
    /// How long to wait for an answer.
    timeout: Millis,
    /// The longest pause between a failure and the next attempt; how long it is, is drawn by lot.
    pause: Millis,
}

impl Policy {
    fn of(layer: Layer) -> Self {
        match layer {
            Layer::Gateway => Self { attempts: 3, timeout: 1_000, pause: 400 },
            Layer::Checkout => Self { attempts: 3, timeout: 400, pause: 200 },
        }
    }
}

/// One instance of a service, as a caller of the next one: all its calls go through here.
#[derive(Debug)]
pub struct Client {
    policy: Policy,
    random: Random,
}

/// What a client knows about a call that is on its way.
#[derive(Debug)]
pub struct Call {
    attempts: u32,
}

impl Client {
    /// A client of this layer. Each instance gets a seed of its own.
    pub fn new(layer: Layer, seed: u64) -> Self {
        Self { policy: Policy::of(layer), random: Random::new(seed) }
    }

    /// Begins a call. At `deadline` the caller stops waiting; `None` if it did not say when.
    pub fn start(&mut self, now: Millis, _deadline: Option<Millis>) -> (Call, Step) {
        (Call { attempts: 1 }, self.attempt(now))
    }

    /// An answer came in time. This ends the call.
    pub fn succeeded(&mut self, _call: Call, _now: Millis) {}

    /// The attempt that was sent last has failed.
    pub fn failed(&mut self, call: &mut Call, now: Millis, _failure: Failure) -> Step {
        if call.attempts == self.policy.attempts {
            return Step::GiveUp;
        }
        call.attempts += 1;
        let pause = self.random.below(self.policy.pause);
        self.attempt(now + pause)
    }

    fn attempt(&self, at: Millis) -> Step {
        Step::Send(Attempt { at, timeout: self.policy.timeout, deadline: None })
    }
}
