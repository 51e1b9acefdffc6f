//! The calling side: when an attempt is sent, how long it may take, and whether another one follows.
//!
//! Retries are for occasional failures. A client can retry only a share of its calls, whatever happens to them, so a
//! server in trouble never gets much more than the offered load. Deadlines are passed on: no attempt outlives the one
//! that it is made for, and the request carries that deadline.

use crate::{Attempt, Failure, Layer, Millis, Random, Step};

/// How a layer calls the one below.
#[derive(Debug, Clone, Copy)]
struct Policy {
    /// How many attempts a call may have.
    attempts: u32,
    /// How long to wait for a response: far longer than it takes even on a bad day without a failure.
    timeout: Millis,
    /// The pause before the first retry is random, up to this many milliseconds. The limit doubles with each retry.
    pause: Millis,
}

impl Policy {
    fn of(layer: Layer) -> Self {
        match layer {
            Layer::Gateway => Self { attempts: 2, timeout: 1_500, pause: 200 },
            Layer::Checkout => Self { attempts: 3, timeout: 600, pause: 100 },
        }
    }
}

/// Which failures a layer retries.
///
/// When a checkout reports that inventory is overloaded or silent, it has already retried, so the gateway doesn't.
fn is_worth_a_retry(layer: Layer, failure: Failure) -> bool {
    match layer {
        Layer::Gateway => failure == Failure::Broken,
        Layer::Checkout => true,
    }
}

/// The budget for retries: a token bucket that is filled by calls, not by time.
#[derive(Debug)]
struct Budget {
    /// What is left, in hundredths of a retry.
    hundredths: u64,
}

impl Budget {
    /// What one call adds: one retry for ten calls.
    const PER_CALL: u64 = 10;
    const RETRY: u64 = 100;
    const MOST: u64 = 8 * Self::RETRY;

    fn full() -> Self {
        Self { hundredths: Self::MOST }
    }

    fn earn(&mut self) {
        self.hundredths = (self.hundredths + Self::PER_CALL).min(Self::MOST);
    }

    fn spend(&mut self) -> bool {
        match self.hundredths.checked_sub(Self::RETRY) {
            Some(rest) => {
                self.hundredths = rest;
                true
            }
            None => false,
        }
    }
}

/// The calling side of one instance of a service. All its calls go through here.
#[derive(Debug)]
pub struct Client {
    layer: Layer,
    policy: Policy,
    budget: Budget,
    random: Random,
}

/// What a client knows about a call in progress.
#[derive(Debug)]
pub struct Call {
    attempts: u32,
    deadline: Option<Millis>,
}

impl Client {
    /// Creates a client of this layer. Each instance gets its own seed.
    pub fn new(layer: Layer, seed: u64) -> Self {
        Self { layer, policy: Policy::of(layer), budget: Budget::full(), random: Random::new(seed) }
    }

    /// Begins a call. The caller stops waiting at `deadline`; `None` means that it set no deadline.
    pub fn start(&mut self, now: Millis, deadline: Option<Millis>) -> (Call, Step) {
        self.budget.earn();
        let call = Call { attempts: 1, deadline };
        let step = self.attempt(&call, now).map_or(Step::GiveUp, Step::Send);
        (call, step)
    }

    /// A response arrived in time. This ends the call.
    pub fn succeeded(&mut self, _call: Call, _now: Millis) {}

    /// The most recent attempt has failed. Returns what the client does next.
    pub fn failed(&mut self, call: &mut Call, now: Millis, failure: Failure) -> Step {
        if call.attempts == self.policy.attempts || !is_worth_a_retry(self.layer, failure) {
            return Step::GiveUp;
        }
        let pause = 1 + self.random.below(self.policy.pause << (call.attempts - 1));
        let Some(attempt) = self.attempt(call, now + pause) else { return Step::GiveUp };
        if !self.budget.spend() {
            return Step::GiveUp;
        }
        call.attempts += 1;
        Step::Send(attempt)
    }

    /// An attempt that ends when its caller stops waiting at the latest. `None` if no time is left for one.
    fn attempt(&self, call: &Call, at: Millis) -> Option<Attempt> {
        let end = (at + self.policy.timeout).min(call.deadline.unwrap_or(Millis::MAX));
        let timeout = end.checked_sub(at).filter(|left| *left > 0)?;
        Some(Attempt { at, timeout, deadline: Some(end) })
    }
}
