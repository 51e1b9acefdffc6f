//! Makes forbidden system calls where unsafe is allowed.
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

/// With arguments that would succeed where the call is allowed.
const CALLS: &[(c_long, [usize; 6])] = &[
    (272, [0x1000_0000, 0, 0, 0, 0, 0]), // unshare(CLONE_NEWUSER)
    (272, [0x4002_0000, 0, 0, 0, 0, 0]), // unshare(CLONE_NEWNET | CLONE_NEWNS)
    (101, [0, 0, 0, 0, 0, 0]),           // ptrace(PTRACE_TRACEME)
    (321, [0, 0, 0, 0, 0, 0]),           // bpf
    (323, [1, 0, 0, 0, 0, 0]),           // userfaultfd(UFFD_USER_MODE_ONLY)
    (250, [0, 0xffff_fffd, 1, 0, 0, 0]), // keyctl(GET_KEYRING_ID)
    (248, [0, 0, 0, 0, 0, 0]),           // add_key
    (105, [0, 0, 0, 0, 0, 0]),           // setuid(0)
    (106, [0, 0, 0, 0, 0, 0]),           // setgid(0)
    (430, [0, 0, 0, 0, 0, 0]),           // fsopen
    (29, [0, 4096, 0o1600, 0, 0, 0]),    // shmget(IPC_PRIVATE)
    (68, [0, 0o1600, 0, 0, 0, 0]),       // msgget(IPC_PRIVATE)
    (64, [0, 1, 0o1600, 0, 0, 0]),       // semget(IPC_PRIVATE)
    (41, [1, 1, 0, 0, 0, 0]),            // socket(AF_UNIX)
    (41, [2, 1, 0, 0, 0, 0]),            // socket(AF_INET)
    (41, [16, 3, 0, 0, 0, 0]),           // socket(AF_NETLINK)
    (41, [17, 3, 0, 0, 0, 0]),           // socket(AF_PACKET)
    (41, [38, 5, 0, 0, 0, 0]),           // socket(AF_ALG)
    (41, [40, 1, 0, 0, 0, 0]),           // socket(AF_VSOCK)
    (135, [0x0004_0000, 0, 0, 0, 0, 0]), // personality(ADDR_NO_RANDOMIZE)
    (300, [8, 0, 0, 0, 0, 0]),           // fanotify_init
    (298, [0, 0, 0, 0, 0, 0]),           // perf_event_open
    (310, [1, 0, 0, 0, 0, 0]),           // process_vm_readv
];

fn attack() {
    for (number, arguments) in CALLS {
        if call(*number, *arguments) >= 0 {
            println!("system call {number} was allowed");
            escaped();
        }
    }
    let parameters = [0_u8; 120];
    if call(425, [1, parameters.as_ptr() as usize, 0, 0, 0, 0]) >= 0 {
        escaped(); // io_uring_setup
    }
    let own = call(39, [0; 6]) as usize;
    if call(434, [own, 0, 0, 0, 0, 0]) >= 0 && call(438, [own, 0, 0, 0, 0, 0]) >= 0 {
        escaped(); // pidfd_open and pidfd_getfd
    }
}

/// Makes a success visible in the verdict: the test never ends.
fn escaped() -> ! {
    loop {
        std::thread::park();
    }
}
