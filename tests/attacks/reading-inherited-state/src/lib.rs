//! Looks for what the processes that started it have left in it, where unsafe is allowed.
//!
//! Descriptors, signals, limits, ids, groups and the session come from whoever starts a program, unless they are put in
//! order.

use std::ffi::c_long;

unsafe extern "C" {
    fn syscall(number: c_long, ...) -> c_long;
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
    // Of descriptors, the streams and the channel for what the runner says.
    let open = (0..70_000).filter(|number| call(72, [*number, 1, 0, 0, 0, 0]) >= 0);
    if open.collect::<Vec<_>>() != [0, 1, 2, 4] {
        escaped(1);
    }
    // No signal is blocked or waits.
    let (mut blocked, mut pending) = (0_u64, 0_u64);
    call(14, [0, 0, &raw mut blocked as usize, 8, 0, 0]);
    call(127, [&raw mut pending as usize, 8, 0, 0, 0, 0]);
    if blocked != 0 || pending != 0 {
        escaped(2);
    }
    // None is ignored but SIGPIPE, as by any program of Rust's.
    for signal in (1..=64).filter(|signal| ![9, 13, 19, 32, 33].contains(signal)) {
        let mut action = [0_usize; 4];
        call(13, [signal, 0, action.as_mut_ptr() as usize, 8, 0, 0]);
        let of_rust = [7, 11].contains(&signal);
        if action[0] != 0 && !of_rust {
            escaped(3);
        }
    }
    // No groups, no ids of the host's administrator, in no set.
    let mut ids = [0_u32; 6];
    let [a, b, c, d, e, f] = ids.each_mut().map(|id| &raw mut *id as usize);
    call(118, [a, b, c, 0, 0, 0]);
    call(120, [d, e, f, 0, 0, 0]);
    if ids.contains(&0) || ids[..3].iter().any(|id| *id != ids[0]) {
        escaped(4);
    }
    let mut groups = [0_u32; 64];
    if call(115, [64, groups.as_mut_ptr() as usize, 0, 0, 0, 0]) != 0 {
        escaped(5);
    }
    // No capability, and no way to one.
    let (header, mut sets) = ([0x2008_0522_u32, 0], [0_u32; 6]);
    call(125, [header.as_ptr() as usize, sets.as_mut_ptr() as usize, 0, 0, 0, 0]);
    let bounds = (0..64).any(|capability| call(157, [23, capability, 0, 0, 0, 0]) == 1);
    if sets != [0; 6] || bounds || call(157, [39, 0, 0, 0, 0, 0]) != 1 {
        escaped(6);
    }
    // A session and a group of its own, and a parent that is the first process.
    let [own, parent, group, session] =
        [(39, 0), (110, 0), (121, 0), (124, 0)].map(|(number, of)| call(number, [of; 6]));
    if parent != 1 || group != own || session != own {
        escaped(7);
    }
    // No core dumps, no memory locked, no more descriptors.
    for (resource, most) in [(4, 0), (8, 0), (7, 1024)] {
        let mut limit = [u64::MAX; 2];
        call(302, [0, resource, 0, limit.as_mut_ptr() as usize, 0, 0]);
        if limit.iter().any(|value| *value > most) {
            escaped(8);
        }
    }
    // Nothing of the host's in names and paths.
    let mut names = [[0_u8; 65]; 6];
    call(63, [names.as_mut_ptr() as usize, 0, 0, 0, 0, 0]);
    let here = std::env::current_dir().unwrap_or_default();
    let foreign = std::env::vars_os().any(|(name, _)| !name.to_string_lossy().starts_with("CARGO_"));
    if !names[1].starts_with(b"jail\0") || here != std::path::Path::new("/tmp") || foreign {
        escaped(9);
    }
}

/// Makes a success visible in the verdict: the test never ends.
fn escaped(what: u8) -> ! {
    println!("{what}");
    loop {
        std::thread::park();
    }
}
