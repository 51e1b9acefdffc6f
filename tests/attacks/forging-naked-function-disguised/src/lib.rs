//! Machine code in a naked function, under another name.

mod clock;

pub use clock::VectorClock;

pub(crate) fn attack() {}

use std::arch::naked_asm as plain;

macro_rules! function {
    ($attribute:ident, $body:ident) => {
        #[unsafe($attribute)]
        pub extern "C" fn leave() -> ! {
            $body!("mov edi, 0", "mov eax, 231", "syscall")
        }
    };
}

function!(naked, plain);
