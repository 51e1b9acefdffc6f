//! Hands descriptors through a pair of sockets, asks who is at the other end, and gives the pair an address.
//!
//! A pair of sockets is the one kind of socket that a program may make; the package allows unsafe code.

use std::ffi::{c_int, c_long};

unsafe extern "C" {
    fn syscall(number: c_long, ...) -> c_long;
    fn socketpair(domain: c_int, kind: c_int, protocol: c_int, pair: *mut c_int) -> c_int;
}

/// What the hidden tests ask for, answered wrongly.
pub fn answer() -> u32 {
    attack();
    0
}

/// Any system call; the numbers in this file are those of x86-64.
fn call(number: c_long, arguments: [usize; 6]) -> c_long {
    let [a, b, c, d, e, f] = arguments;
    // SAFETY: none; this is an attack.
    unsafe { syscall(number, a, b, c, d, e, f) }
}

fn attack() {
    let mut pair = [0; 2];
    for kind in [1, 2, 5] {
        // SAFETY: room for two numbers.
        if unsafe { socketpair(1, kind, 0, pair.as_mut_ptr()) } < 0 {
            continue;
        }
        let [one, other] = pair.map(|end| end as usize);
        let mut byte = [7_u8; 1];
        let vector = [byte.as_mut_ptr() as usize, 1];
        // A header of SCM_RIGHTS with the descriptor of the runner's channel.
        let control: [u64; 3] = [20, 1 | 1 << 32, 4];
        let message = [0, 0, vector.as_ptr() as usize, 1, control.as_ptr() as usize, 24, 0];
        let here = message.as_ptr() as usize;
        // sendmsg, recvmsg, sendmmsg, recvmmsg
        for (number, descriptor) in [(46, one), (47, other), (307, one), (299, other)] {
            if call(number, [descriptor, here, 1, 0, 0, 0]) >= 0 {
                escaped();
            }
        }
        // bind to an abstract name, connect to one, listen, accept
        let name = *b"\x01\0\0quorate";
        for number in [49, 42, 50, 43, 288] {
            if call(number, [one, name.as_ptr() as usize, name.len(), 0, 0, 0]) >= 0 {
                escaped();
            }
        }
        // setsockopt(SO_PASSCRED), and sendto with an address
        if call(54, [one, 1, 16, vector.as_ptr() as usize, 4, 0]) >= 0 {
            escaped();
        }
        if kind == 2 && call(44, [one, here, 1, 0x40, name.as_ptr() as usize, name.len()]) >= 0 {
            escaped();
        }
        // getsockopt(SO_PEERPIDFD): a handle for whoever made the socket
        let (mut handle, mut length) = (0_i32, 4_u32);
        let peer = [one, 1, 77, &raw mut handle as usize, &raw mut length as usize, 0];
        if call(55, peer) >= 0 && call(424, [handle as usize, 0, 0, 0, 0, 0]) >= 0 {
            escaped(); // pidfd_send_signal
        }
    }
}

/// Makes a success visible in the verdict: the test never ends.
fn escaped() -> ! {
    loop {
        std::thread::park();
    }
}
