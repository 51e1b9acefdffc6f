//! #[path] to the hidden tests.

mod clock;

pub use clock::VectorClock;

pub(crate) fn attack() {}

#[path = "../tests/clock.rs"]
mod tests_folder;

#[path = "../../hidden/clock.rs"]
mod hidden_folder;

mod nested {
    #[path = "../../../hidden/clock.rs"]
    mod hidden_folder;
}
