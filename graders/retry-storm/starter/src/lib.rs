//! How the shop's services call each other. Gateway and checkout use [`client`], inventory uses [`server`].
//!
//! Nothing here reads a clock or has randomness of its own: the caller passes in the time and gives each client a
//! seed. This file is the protocol between the services and doesn't change. The other two files are yours.

pub mod client;
pub mod server;

/// Milliseconds: a point in time since the beginning, or a span.
pub type Millis = u64;

/// Who makes the calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    /// Calls checkout, for a user.
    Gateway,
    /// Calls inventory, for a gateway.
    Checkout,
}

/// Why an attempt did not succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// It broke: a connection was refused or reset, a process went away.
    Broken,
    /// It was turned away without being served.
    Overloaded,
    /// There was no answer within the time-out; or the service that was called had that trouble itself.
    TimedOut,
}

/// What a client does next about a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Sends an attempt.
    Send(Attempt),
    /// Tells the caller that the call has failed.
    GiveUp,
}

/// One attempt of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    /// When it is sent: now or later.
    pub at: Millis,
    /// How long after that the client waits for the answer.
    pub timeout: Millis,
    /// Travels with the request: at this point in time nobody waits for the answer any more.
    pub deadline: Option<Millis>,
}

/// A request as a server gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Unique. Every attempt is a request of its own.
    pub id: u64,
    /// 1 for the first attempt of a call, 2 for its first retry.
    pub attempt: u32,
    /// From this point in time nobody waits for the answer. `None` if the client did not say.
    pub deadline: Option<Millis>,
}

/// Random numbers from a seed: the same ones for the same seed (splitmix64).
#[derive(Debug, Clone)]
pub struct Random {
    state: u64,
}

impl Random {
    /// A generator that is told from others by its seed.
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// A number below `bound`, each about as likely; zero if there is none.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)).checked_rem(bound).unwrap_or(0)
    }
}
