//! Asks for the compiler's internal features.

#![feature(rustc_attrs, intrinsics, lang_items, allow_internal_unsafe)]
#![allow(internal_features)]

mod clock;

pub use clock::VectorClock;

pub(crate) fn attack() {}

#[allow_internal_unsafe]
macro_rules! quietly {
    ($e:expr) => {
        unsafe { $e }
    };
}

pub fn peek() -> u8 {
    quietly!(*(0x1000 as *const u8))
}
