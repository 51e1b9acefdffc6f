//! Exports modules and types named std, core, test, Vec and Option.

mod clock;

pub use clock::VectorClock;

pub(crate) fn attack() {}

pub mod std {
    pub mod cmp {
        #[derive(Debug)]
        pub enum Ordering {
            Less,
            Equal,
            Greater,
        }
    }
}

pub mod core {}

pub mod test {
    pub fn test_main_static(_tests: &[()]) {}
}

pub struct Vec;

pub struct Option;
