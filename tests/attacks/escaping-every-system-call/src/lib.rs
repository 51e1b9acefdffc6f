//! Makes every system call that is not on the list, those of kernels to come included, where unsafe is allowed.
//!
//! The package allows unsafe code, so nothing but the sandbox stands in the way. The numbers are those of x86-64.

use std::ffi::c_long;

unsafe extern "C" {
    fn syscall(number: c_long, ...) -> c_long;
}

/// What the hidden tests ask for, answered wrongly.
pub fn answer() -> u32 {
    attack();
    0
}

/// What a program needs, and therefore may; and two that the kernel lets past every filter, only to kill for them
/// (uretprobe and uprobe).
fn is_needed(number: c_long) -> bool {
    matches!(
        number,
        0..=28 | 32..=33 | 35 | 39 | 44..=45 | 48 | 51..=53 | 55..=56 | 60..=63 | 72..=91 | 95..=100 | 102 |
            104 | 107..=108 | 110..=112 | 115 | 118 | 120..=121 | 124..=125 | 127..=128 | 130..=132 | 137..=138
            | 140 | 143 | 145 | 157..=158 | 186 | 200..=204 | 213 | 217..=219 | 221 | 228..=235 | 247 |
            257..=258 | 261..=271 | 273 | 280..=281 | 283..=287 | 289..=293 | 295..=296 | 302 | 309 | 316 | 318
            | 322 | 324 | 326..=328 | 332 | 334..=336 | 436..=437 | 439 | 441 | 452
    )
}

/// The same calls with the numbers of the x32 interface.
const X32: c_long = 0x4000_0000;

fn attack() {
    for number in (0..1024).filter(|number| !is_needed(*number)).chain(X32..X32 + 600) {
        // SAFETY: none; this is an attack.
        let result = unsafe { syscall(number, 0_usize, 0_usize, 0_usize, 0_usize, 0_usize, 0_usize) };
        if result != -1 || std::io::Error::last_os_error().raw_os_error() != Some(38) {
            println!("system call {number} was let through");
            escaped();
        }
    }
}

/// Makes a success visible in the verdict: the test never ends.
fn escaped() -> ! {
    loop {
        std::thread::park();
    }
}
