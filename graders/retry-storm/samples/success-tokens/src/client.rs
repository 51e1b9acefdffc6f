//! The calling side, with a retry throttle that successes pay for: each failure takes a token, each success gives a
//! tenth of one back, and there are retries only while more than half of the tokens are there.

use crate::{Attempt, Failure, Layer, Millis, Random, Step};

const TENTHS_MOST: u32 = 120;
const TENTHS_PER_FAILURE: u32 = 10;

/// One instance of a service, as a caller of the next one.
#[derive(Debug)]
pub enum Client {
    Gateway(Retrying),
    Checkout(Retrying),
}

#[derive(Debug)]
pub struct Retrying {
    tenths: u32,
    random: Random,
}

/// What a client knows about a call that is on its way.
#[derive(Debug)]
pub struct Call {
    /// The end of time if the caller did not say.
    deadline: Millis,
    tries_left: u32,
}

impl Client {
    pub fn new(layer: Layer, seed: u64) -> Self {
        let retrying = Retrying { tenths: TENTHS_MOST, random: Random::new(seed) };
        match layer {
            Layer::Gateway => Self::Gateway(retrying),
            Layer::Checkout => Self::Checkout(retrying),
        }
    }

    fn retrying(&mut self) -> &mut Retrying {
        match self {
            Self::Gateway(retrying) | Self::Checkout(retrying) => retrying,
        }
    }

    fn longest(&self) -> Millis {
        match self {
            Self::Gateway(_) => 1_500,
            Self::Checkout(_) => 700,
        }
    }

    pub fn start(&mut self, now: Millis, deadline: Option<Millis>) -> (Call, Step) {
        let call = Call { deadline: deadline.unwrap_or(Millis::MAX), tries_left: 2 };
        let step = self.send_before(call.deadline, now);
        (call, step)
    }

    pub fn succeeded(&mut self, _call: Call, _now: Millis) {
        let retrying = self.retrying();
        retrying.tenths = TENTHS_MOST.min(retrying.tenths + 1);
    }

    pub fn failed(&mut self, call: &mut Call, now: Millis, failure: Failure) -> Step {
        let retrying = self.retrying();
        retrying.tenths = retrying.tenths.saturating_sub(TENTHS_PER_FAILURE);
        // Who is turned away is not wanted now; trying again at once would be answered alike.
        let hopeless = failure == Failure::Overloaded && call.tries_left < 2;
        if hopeless || call.tries_left == 0 || retrying.tenths <= TENTHS_MOST / 2 {
            return Step::GiveUp;
        }
        call.tries_left -= 1;
        let pause = 10 + retrying.random.below(190);
        self.send_before(call.deadline, now + pause)
    }

    fn send_before(&self, deadline: Millis, at: Millis) -> Step {
        let left = deadline.saturating_sub(at);
        if left == 0 {
            return Step::GiveUp;
        }
        let timeout = left.min(self.longest());
        Step::Send(Attempt { at, timeout, deadline: Some(at + timeout) })
    }
}
