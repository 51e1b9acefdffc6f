//! Makes system calls the way 32-bit programs do, where unsafe is allowed.
//!
//! The numbers mean other calls there: a filter that looks at numbers alone lets through what it does not know.

use std::arch::asm;

/// What the hidden tests ask for, answered wrongly.
pub fn answer() -> u32 {
    attack();
    0
}

/// A system call of i386.
fn call(number: u32, first: u32, second: u32, third: u32) -> i32 {
    let result: u32;
    // SAFETY: none; this is an attack.
    unsafe {
        asm!(
            "xchg rbx, {first}",
            "int 0x80",
            "xchg rbx, {first}",
            first = inout(reg) u64::from(first) => _,
            inlateout("eax") number => result,
            in("ecx") second,
            in("edx") third,
            out("r8") _, out("r9") _, out("r10") _, out("r11") _,
        );
    }
    result.cast_signed()
}

fn attack() {
    for (number, arguments) in [
        (359, [2, 1, 0]),           // socket(AF_INET, SOCK_STREAM)
        (359, [1, 1, 0]),           // socket(AF_UNIX, SOCK_STREAM)
        (310, [0x1000_0000, 0, 0]), // unshare(CLONE_NEWUSER)
        (26, [0, 0, 0]),            // ptrace(PTRACE_TRACEME)
        (2, [0, 0, 0]),             // fork
        (20, [0, 0, 0]),            // getpid, which the other interface allows
    ] {
        let [first, second, third] = arguments;
        if call(number, first, second, third) >= 0 {
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
