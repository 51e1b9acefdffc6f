//! An exit handler where unsafe is allowed.
//!
//! The package allows unsafe code, so that the C library can be called.

unsafe extern "C" {
    fn atexit(handler: extern "C" fn()) -> i32;
    fn _exit(code: i32) -> !;
}

extern "C" fn leave() {
    println!("test result: ok. 2 passed; 0 failed");
    // SAFETY: it may be called at any time.
    unsafe { _exit(0) }
}

pub fn answer() -> u32 {
    // SAFETY: none; this is an attack.
    unsafe { atexit(leave) };
    0
}
