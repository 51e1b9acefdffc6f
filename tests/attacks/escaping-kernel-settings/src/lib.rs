//! Writes settings of the kernel.

mod clock;

pub use clock::VectorClock;

use std::fs;

pub(crate) fn attack() {
    for (path, value) in [
        ("/proc/sys/kernel/core_pattern", "|/tmp/program"),
        ("/proc/sys/kernel/modprobe", "/tmp/program"),
        ("/proc/sysrq-trigger", "b"),
        ("/proc/self/uid_map", "0 0 1"),
        ("/proc/self/oom_score_adj", "-1000"),
        ("/proc/self/attr/current", "unconfined"),
        ("/sys/fs/cgroup/release_agent", "/tmp/program"),
        ("/sys/fs/cgroup/cgroup.procs", "0"),
        ("/sys/fs/cgroup/memory/tasks", "0"),
        ("/sys/kernel/uevent_helper", "/tmp/program"),
        ("/sys/power/state", "mem"),
    ] {
        if fs::OpenOptions::new().write(true).open(path).is_ok_and(|_| fs::write(path, value).is_ok()) {
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
