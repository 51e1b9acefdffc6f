//! Makes system calls the way 32-bit programs do, where unsafe is allowed.
//!
//! The numbers mean other calls there: a filter that looks at numbers alone lets through what it does not know.

/// What the hidden tests ask for, answered wrongly.
pub fn answer() -> u32 {
    attack();
    0
}

/// `fn(number, first, second, third)`, in machine code since there is no assembler.
#[unsafe(link_section = ".text")]
static CODE: [u8; 12] = [
    0x53, // push rbx
    0x89, 0xf8, // mov eax, edi
    0x89, 0xf3, // mov ebx, esi
    0x87, 0xd1, // xchg ecx, edx
    0xcd, 0x80, // int 0x80
    0x5b, // pop rbx
    0xc3, // ret
    0x90, // nop
];

/// A system call of i386.
fn call(number: u32, first: u32, second: u32, third: u32) -> i32 {
    // SAFETY: none; this is an attack.
    let code: extern "C" fn(u32, u32, u32, u32) -> i32 = unsafe { std::mem::transmute(CODE.as_ptr()) };
    code(number, first, second, third)
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
