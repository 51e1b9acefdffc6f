//! How the shop's services call each other. Gateway and checkout use [`client`], inventory uses [`server`].
//!
//! Nothing here reads a clock or has randomness of its own: the caller passes in the time and gives each client a
//! seed. This file is the protocol between the services and doesn't change. The other two files are yours.

pub mod client;
pub mod server;

/// Milliseconds: a point in time since the start, or a duration.
pub type Millis = u64;

/// Who makes the calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    /// A gateway, which calls checkout for a user.
    Gateway,
    /// A checkout, which calls inventory for a gateway.
    Checkout,
}

/// Why an attempt failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// It broke: a connection was refused or reset, or a process died.
    Broken,
    /// It was turned away without being served.
    Overloaded,
    /// No response came within the time-out, or the called service had a time-out of its own.
    TimedOut,
}

/// What a client does next in a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Send an attempt.
    Send(Attempt),
    /// Give up and tell the caller that the call has failed.
    GiveUp,
}

/// One attempt of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    /// When it is sent: now or later.
    pub at: Millis,
    /// How long the client waits for the response after that.
    pub timeout: Millis,
    /// Travels with the request: from this time on, nobody waits for the response.
    pub deadline: Option<Millis>,
}

/// A request as a server receives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Unique: every attempt is a separate request.
    pub id: u64,
    /// 1 for the first attempt of a call, 2 for its first retry.
    pub attempt: u32,
    /// From this time on, nobody waits for the response. `None` means that the client set no deadline.
    pub deadline: Option<Millis>,
}

/// Random numbers. The same seed gives the same numbers (splitmix64).
#[derive(Debug, Clone)]
pub struct Random {
    state: u64,
}

impl Random {
    /// Creates a generator with this seed.
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// Returns a number below `bound`, all about equally likely, or zero if `bound` is zero.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)).checked_rem(bound).unwrap_or(0)
    }
}
