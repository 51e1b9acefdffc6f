//! Stops itself where unsafe is allowed.
//!
//! The package allows unsafe code, so nothing but the sandbox stands in the way.

use std::ffi::c_long;

unsafe extern "C" {
    fn syscall(number: c_long, ...) -> c_long;
}

/// Any system call; the numbers in this file are those of x86-64.
fn call(number: c_long, arguments: [usize; 6]) -> c_long {
    let [a, b, c, d, e, f] = arguments;
    // SAFETY: none; this is an attack.
    unsafe { syscall(number, a, b, c, d, e, f) }
}

/// What the hidden tests ask for, answered wrongly.
pub fn answer() -> u32 {
    attack();
    0
}

fn attack() {
    let own = call(39, [0; 6]) as usize;
    call(62, [own, 19, 0, 0, 0, 0]); // kill(getpid(), SIGSTOP)
    call(62, [0, 19, 0, 0, 0, 0]);
    // A thread goes on for a moment before it stops, and must not return in that.
    loop {
        call(34, [0; 6]); // pause()
    }
}
