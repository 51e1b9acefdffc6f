//! The integration tests, one binary.
mod sandbox;
