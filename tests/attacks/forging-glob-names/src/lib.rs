//! Exports modules, traits and functions with the names that the tests and what they expand to may use.

pub mod test {
    #[derive(Debug)]
    pub struct TestDescAndFn;
    pub struct TestDesc;
    pub struct StaticTestFn;
    pub fn assert_test_result<T>(_result: T) -> Result<(), String> {
        Ok(())
    }
}

pub mod core {
    pub mod panicking {
        pub enum AssertKind {
            Eq,
        }
        pub fn assert_failed<T>(_kind: AssertKind, _left: &T, _right: &T) {}
    }
}

pub mod std {
    pub use super::core::*;
}

pub mod quorate_runner {
    pub fn runner<T>(_tests: &[T]) {}
}

pub trait Equal {
    fn eq(&self, _other: &Self) -> bool {
        true
    }

    fn ne(&self, _other: &Self) -> bool {
        false
    }
}

impl<T> Equal for T {}

pub const SECRET_CASE: u64 = 0;

pub fn adds() {}

pub fn saturates() {}

pub fn main() {}

pub fn add(_left: u64, _right: u64) -> u64 {
    99
}
