//! How long the machine kept a run from its processors, so that a busy machine does not use up a run's real time.
//!
//! The kernel counts for each thread how long it ran and how long it could have run and had to wait for a processor
//! (`/proc/<id>/schedstat`). A run can make its threads wait for each other, but only while one of them runs: such a wait is
//! bounded by the CPU time of the others. What a thread has waited beyond that is the machine's doing. A program that sleeps, or
//! waits for a lock, waits for no processor.

use std::fs;
use std::time::Duration;

use super::cgroup::Group;

/// What the kernel counts of one thread.
#[derive(Debug, Clone, Copy)]
struct ThreadTime {
    ran: Duration,
    waited: Duration,
}

/// How long the thread of a run that had to wait longest for a processor waited because of others than the run itself. Threads that
/// have ended don't count, and nothing does where the kernel does not tell.
pub(super) fn starved(group: &Group) -> Duration {
    let Some(cpu) = group.cpu() else { return Duration::ZERO };
    longest_wait(group.threads().into_iter().filter_map(of_thread), cpu)
}

fn longest_wait(threads: impl Iterator<Item = ThreadTime>, cpu: Duration) -> Duration {
    let by_others = |thread: ThreadTime| thread.waited.saturating_sub(cpu.saturating_sub(thread.ran));
    threads.map(by_others).max().unwrap_or_default()
}

fn of_thread(id: u32) -> Option<ThreadTime> {
    parse(&fs::read_to_string(format!("/proc/{id}/schedstat")).ok()?)
}

/// Reads "<ran> <waited> <times>", both in nanoseconds.
fn parse(schedstat: &str) -> Option<ThreadTime> {
    let mut numbers = schedstat.split_whitespace().map(|number| number.parse().map(Duration::from_nanos));
    Some(ThreadTime { ran: numbers.next()?.ok()?, waited: numbers.next()?.ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is the machine's doing of the waits of threads, each given as how long it ran and how long it waited.
    fn starved(threads: &[(u64, u64)], cpu: u64) -> u64 {
        let millis = Duration::from_millis;
        let threads = threads.iter().map(|(ran, waited)| ThreadTime { ran: millis(*ran), waited: millis(*waited) });
        u64::try_from(longest_wait(threads, millis(cpu)).as_millis()).unwrap()
    }

    #[test]
    fn only_waits_for_others_are_the_machines_doing() {
        assert_eq!(starved(&[(0, 2)], 0), 2, "asleep");
        assert_eq!(starved(&[(250, 750)], 250), 750, "a quarter of a processor");
        assert_eq!(starved(&[(500, 500), (500, 500)], 1000), 0, "two that take turns on one processor");
        assert_eq!(starved(&[(50, 450), (50, 450)], 100), 400, "two that take turns on a tenth of one");
        assert_eq!(starved(&[(0, 900)], 1000), 0, "others of the run have ended");
        assert_eq!(starved(&[], 10), 0);
    }

    #[test]
    fn the_kernel_tells_of_a_thread() {
        let main = parse(&fs::read_to_string("/proc/self/schedstat").unwrap()).unwrap();
        assert!(main.ran > Duration::ZERO);
        assert!(parse("").is_none() && parse("12").is_none() && parse("a b c").is_none());
    }
}
