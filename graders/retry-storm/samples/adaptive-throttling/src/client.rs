//! The calling side, with client-side throttling: a client that sees more calls than successes fails some of them
//! itself, before they cost anything downstream. Retries are a small share of the same window.

use crate::{Attempt, Failure, Layer, Millis, Random, Step};

const SECONDS: u64 = 5;

/// What happened in one second.
#[derive(Debug, Clone, Copy, Default)]
struct Second {
    number: u64,
    calls: u64,
    successes: u64,
    retries: u64,
}

/// The last seconds.
#[derive(Debug, Default)]
struct Window {
    seconds: [Second; SECONDS as usize],
}

impl Window {
    fn at(&mut self, now: Millis) -> &mut Second {
        let number = now / 1_000;
        let second = &mut self.seconds[(number % SECONDS) as usize];
        if second.number != number {
            *second = Second { number, ..Second::default() };
        }
        second
    }

    fn sum(&self, now: Millis, of: impl Fn(&Second) -> u64) -> u64 {
        let first = (now / 1_000).saturating_sub(SECONDS - 1);
        self.seconds.iter().filter(|second| second.number >= first).map(of).sum()
    }
}

/// One instance of a service, as a caller of the next one.
#[derive(Debug)]
pub struct Client {
    layer: Layer,
    window: Window,
    random: Random,
}

/// What a client knows about a call that is on its way.
#[derive(Debug)]
pub struct Call {
    retries: u32,
    deadline: Millis,
}

impl Client {
    /// Calls are let through up to this multiple of the successes.
    const FACTOR: u64 = 2;
    /// So many calls of a window are let through in any case: the first ones, and those that find out.
    const FREE: u64 = 15;

    pub fn new(layer: Layer, seed: u64) -> Self {
        Self { layer, window: Window::default(), random: Random::new(seed) }
    }

    fn timeout(&self) -> Millis {
        match self.layer {
            Layer::Gateway => 1_400,
            Layer::Checkout => 650,
        }
    }

    pub fn start(&mut self, now: Millis, deadline: Option<Millis>) -> (Call, Step) {
        let call = Call { retries: 0, deadline: deadline.unwrap_or(now + 10_000) };
        let throttled = self.is_throttled(now);
        self.window.at(now).calls += 1;
        let step = if throttled { Step::GiveUp } else { self.send(&call, now) };
        (call, step)
    }

    fn is_throttled(&mut self, now: Millis) -> bool {
        let calls = self.window.sum(now, |second| second.calls);
        let successes = self.window.sum(now, |second| second.successes);
        let too_many = calls.saturating_sub(Self::FACTOR * successes + Self::FREE);
        self.random.below(calls + 1) < too_many
    }

    pub fn succeeded(&mut self, _call: Call, now: Millis) {
        self.window.at(now).successes += 1;
    }

    pub fn failed(&mut self, call: &mut Call, now: Millis, failure: Failure) -> Step {
        let calls = self.window.sum(now, |second| second.calls);
        let retries = self.window.sum(now, |second| second.retries);
        let is_final = self.layer == Layer::Gateway && failure == Failure::Overloaded;
        if is_final || call.retries == 2 || retries >= 3 + calls / 12 {
            return Step::GiveUp;
        }
        let pause = 20 + self.random.below(150 * (1 + u64::from(call.retries)));
        let step = self.send(call, now + pause);
        if step != Step::GiveUp {
            self.window.at(now).retries += 1;
            call.retries += 1;
        }
        step
    }

    fn send(&self, call: &Call, at: Millis) -> Step {
        if at >= call.deadline {
            return Step::GiveUp;
        }
        let timeout = self.timeout().min(call.deadline - at);
        Step::Send(Attempt { at, timeout, deadline: Some(at + timeout) })
    }
}
