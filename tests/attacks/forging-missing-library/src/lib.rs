//! Asks the linker for a library that does not exist.
//!
//! The package allows unsafe code, so that the attribute reaches the linker.

#[link(name = "quorate_no_such_library")]
unsafe extern "C" {}

pub fn answer() -> u32 {
    0
}
