//! The calling side: when an attempt is sent, how long it may take, and whether there is another one.
//!
//! Retries are for the odd failure; a budget bounds them, and there is none when the caller has gone.

use crate::{Attempt, Failure, Layer, Millis, Random, Step};

/// How a layer calls the one below.
#[derive(Debug, Clone, Copy)]
struct Policy {
    /// The most attempts for one call.
    attempts: u32,
    /// How long to wait for an answer: far more than it takes on a bad but healthy day.
    timeout: Millis,
    /// The pause before the first retry is drawn from as many milliseconds; it doubles from one to the next.
    pause: Millis,
}

impl Policy {
    fn of(layer: Layer) -> Self {
        match layer {
            Layer::Gateway => Self { attempts: 2, timeout: 1_500, pause: 2_500 },
            Layer::Checkout => Self { attempts: 3, timeout: 600, pause: 100 },
        }
    }
}

/// Which failures a layer tries again.
///
/// A checkout has already tried again when it reports that inventory is overloaded.
fn is_worth_a_retry(layer: Layer, failure: Failure) -> bool {
    match layer {
        Layer::Gateway => failure != Failure::Overloaded,
        Layer::Checkout => true,
    }
}

/// What may be spent on retries: a token bucket that is filled by calls, not by time.
#[derive(Debug)]
struct Budget {
    /// In hundredths of a retry.
    hundredths: u64,
}

impl Budget {
    /// What one call puts in: one retry for ten calls.
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

/// One instance of a service, as a caller of the next one: all its calls go through here.
#[derive(Debug)]
pub struct Client {
    layer: Layer,
    policy: Policy,
    budget: Budget,
    random: Random,
}

/// What a client knows about a call that is on its way.
#[derive(Debug)]
pub struct Call {
    attempts: u32,
    deadline: Option<Millis>,
}

impl Client {
    /// A client of this layer. Each instance gets a seed of its own.
    pub fn new(layer: Layer, seed: u64) -> Self {
        Self { layer, policy: Policy::of(layer), budget: Budget::full(), random: Random::new(seed) }
    }

    /// Begins a call. At `deadline` the caller stops waiting; `None` if it did not say when.
    pub fn start(&mut self, now: Millis, deadline: Option<Millis>) -> (Call, Step) {
        self.budget.earn();
        let call = Call { attempts: 1, deadline };
        let step = self.attempt(&call, now).map_or(Step::GiveUp, Step::Send);
        (call, step)
    }

    /// An answer came in time. This ends the call.
    pub fn succeeded(&mut self, _call: Call, _now: Millis) {}

    /// The attempt that was sent last has failed.
    pub fn failed(&mut self, call: &mut Call, now: Millis, failure: Failure) -> Step {
        if call.attempts == self.policy.attempts || !is_worth_a_retry(self.layer, failure) {
            return Step::GiveUp;
        }
        let pause = 1 + self.random.below(self.policy.pause << (call.attempts - 1));
        let Some(attempt) = self.attempt(call, now) else { return Step::GiveUp };
        if !self.budget.spend() {
            return Step::GiveUp;
        }
        call.attempts += 1;
        Step::Send(Attempt { at: now + pause, ..attempt })
    }

    /// An attempt that is over when its caller stops waiting; `None` if there is no time left for one.
    fn attempt(&self, call: &Call, at: Millis) -> Option<Attempt> {
        let end = (at + self.policy.timeout).min(call.deadline.unwrap_or(Millis::MAX));
        let timeout = end.checked_sub(at).filter(|left| *left > 0)?;
        Some(Attempt { at, timeout, deadline: Some(end) })
    }
}
