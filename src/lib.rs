//! quorate prepares people for distributed-systems interviews and grades what they hand in.

pub mod sandbox;
