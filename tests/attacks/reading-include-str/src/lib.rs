//! Include_str! of the hidden tests.

mod clock;

pub use clock::VectorClock;

const GUESSES: &[&str] = &[
    include_str!("../tests/clock.rs"),
    include_str!("../hidden/clock.rs"),
    include_str!("../../hidden/clock.rs"),
    include_str!("../../graders/vector-clock/hidden/clock.rs"),
    include_str!("/work/hidden/clock.rs"),
    include_str!("/crate/tests/clock.rs"),
    include_str!("/tmp/clock.rs"),
];

pub(crate) fn attack() {
    println!("{GUESSES:?}");
}
