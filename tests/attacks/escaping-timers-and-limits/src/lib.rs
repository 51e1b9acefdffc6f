//! Changes signals, timers and limits where unsafe is allowed.
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
    let unlimited = [u64::MAX, u64::MAX];
    for resource in [0, 1, 2, 4, 6, 7, 9] {
        if call(160, [resource, unlimited.as_ptr() as usize, 0, 0, 0, 0]) == 0 && resource == 4 {
            escaped(); // setrlimit: core dumps were allowed again
        }
    }
    call(157, [1, 0, 0, 0, 0, 0]); // prctl(PR_SET_PDEATHSIG, none)
    call(157, [4, 1, 0, 0, 0, 0]); // prctl(PR_SET_DUMPABLE)
    call(157, [36, 1, 0, 0, 0, 0]); // prctl(PR_SET_CHILD_SUBREAPER)
    let new_privileges = call(157, [38, 0, 0, 0, 0, 0]) == 0; // prctl(PR_SET_NO_NEW_PRIVS, 0)
    let no_filter = call(157, [22, 0, 0, 0, 0, 0]) == 0; // prctl(PR_SET_SECCOMP, SECCOMP_MODE_DISABLED)
    if new_privileges || no_filter {
        escaped();
    }
}

/// Makes a success visible in the verdict: the test never ends.
fn escaped() -> ! {
    loop {
        std::thread::park();
    }
}
