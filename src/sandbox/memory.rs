//! How much memory there is for runs on this machine.

use std::fs;

use super::hierarchy;

/// Bytes of memory that this process, and what it starts, can still have: what the machine has available, or less where a
/// control group that this process is in limits it. `None` where the kernel tells neither.
#[must_use]
pub fn available_memory_bytes() -> Option<u64> {
    let machine = available(&fs::read_to_string("/proc/meminfo").unwrap_or_default());
    machine.into_iter().chain(hierarchy::memory_limits()).min()
}

/// Whether this machine refuses memory that is only asked for, once all that was promised reaches a limit of the whole machine
/// (`vm.overcommit_memory = 2`; `proc_sys_vm(5)`). Elsewhere what is asked for is refused only when it is more than the machine has.
#[must_use]
pub fn refuses_memory_early() -> bool {
    fs::read_to_string("/proc/sys/vm/overcommit_memory").is_ok_and(|mode| mode.trim() == "2")
}

/// Reads the line "MemAvailable:   123456 kB".
fn available(meminfo: &str) -> Option<u64> {
    let kib: u64 =
        meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:")?.strip_suffix("kB")?.trim().parse().ok())?;
    kib.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_available_is_read() {
        let meminfo = "MemTotal:       24683520 kB\nMemFree:         6811648 kB\nMemAvailable:   20991000 kB\n";
        assert_eq!(available(meminfo), Some(20_991_000 << 10));
        assert_eq!(available("MemTotal: 1 kB\n"), None);
        assert!(available_memory_bytes().unwrap() > 1 << 20);
    }
}
