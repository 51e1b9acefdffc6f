//! The calling side. Only the gateway tries again: it is the one that knows the user, and what one layer alone repeats
//! cannot multiply. A checkout passes its caller's time on and makes one attempt.

use std::collections::VecDeque;

use crate::{Attempt, Failure, Layer, Millis, Random, Step};

/// The longest time for one attempt.
const PATIENCE: Millis = 1_200;
/// Over this time retries are counted.
const WINDOW: Millis = 10_000;
/// Retries in a window: so many, and one for so many calls.
const ALWAYS: usize = 5;
const CALLS_PER_RETRY: usize = 8;

/// One instance of a service, as a caller of the next one.
#[derive(Debug)]
pub struct Client {
    retries_allowed: bool,
    random: Random,
    calls: VecDeque<Millis>,
    retries: VecDeque<Millis>,
}

/// What a client knows about a call that is on its way.
#[derive(Debug)]
pub struct Call {
    tried_again: bool,
    deadline: Option<Millis>,
}

fn forget(times: &mut VecDeque<Millis>, now: Millis) {
    while times.pop_front_if(|at| *at + WINDOW < now).is_some() {}
}

impl Client {
    pub fn new(layer: Layer, seed: u64) -> Self {
        Self {
            retries_allowed: layer == Layer::Gateway,
            random: Random::new(seed),
            calls: VecDeque::new(),
            retries: VecDeque::new(),
        }
    }

    pub fn start(&mut self, now: Millis, deadline: Option<Millis>) -> (Call, Step) {
        forget(&mut self.calls, now);
        self.calls.push_back(now);
        let call = Call { tried_again: false, deadline };
        let step = attempt(&call, now);
        (call, step)
    }

    pub fn succeeded(&mut self, _call: Call, _now: Millis) {}

    pub fn failed(&mut self, call: &mut Call, now: Millis, _failure: Failure) -> Step {
        forget(&mut self.retries, now);
        forget(&mut self.calls, now);
        let too_many = self.retries.len() >= ALWAYS + self.calls.len() / CALLS_PER_RETRY;
        if !self.retries_allowed || too_many || call.tried_again {
            return Step::GiveUp;
        }
        call.tried_again = true;
        let at = now + self.random.below(250);
        self.retries.push_back(at);
        attempt(call, at)
    }
}

fn attempt(call: &Call, at: Millis) -> Step {
    let deadline = call.deadline.map_or(at + PATIENCE, |deadline| deadline.min(at + PATIENCE));
    match deadline.saturating_sub(at) {
        0 => Step::GiveUp,
        timeout => Step::Send(Attempt { at, timeout, deadline: Some(deadline) }),
    }
}
