//! How long the machine kept a run from its processors, so that a busy machine does not use up a run's real time.
//!
//! The kernel counts for each thread how long it ran and how long it could have run and had to wait for a processor
//! (`/proc/<id>/schedstat`). A run can make its threads wait for each other, but only while one of them runs: such a wait is
//! bounded by the CPU time of the others. What a thread has waited beyond that is the machine's doing. A program that sleeps, or
//! waits for a lock, waits for no processor.
//!
//! The kernel forgets what a thread has waited when it ends, and keeps no sum for a process or a group: taskstats keeps one only where
//! somebody listens, and is for administrators; pressure and `wait_sum` are absent from groups of version 1 on usual kernels. So the
//! threads are looked at now and then. The waits of threads that lived one after the other can't overlap, so they add up, and the
//! dearest chain of such threads counts. It's found as in weighted interval scheduling (J. Kleinberg, É. Tardos, Algorithm Design, 2006,
//! section 6.1). What a thread waited after it was last looked at is never known: a run whose threads all end between two looks
//! pays for their waits.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use super::cgroup::Group;

/// What the kernel counts of one thread.
#[derive(Debug, Clone, Copy)]
struct ThreadTime {
    ran: Duration,
    waited: Duration,
}

/// What was seen of the threads of a run, each time that they were looked at.
#[derive(Debug, Default)]
pub(super) struct Waits {
    /// How long the threads of the dearest chain ran and waited, as far as it was seen.
    dearest: Duration,
    /// Of each thread that was there at the last look: the dearest chain that had ended when it began.
    before: BTreeMap<u32, Duration>,
}

impl Waits {
    /// Looks at the threads that are there now. Nothing is seen where the kernel does not tell.
    pub(super) fn look(&mut self, group: &Group) {
        self.see(group.threads().into_iter().filter_map(|id| Some((id, of_thread(id)?))));
    }

    /// Looks a last time, and says how long the run had to wait for a processor because of others than the run itself.
    pub(super) fn starved(&mut self, group: &Group) -> Duration {
        self.look(group);
        group.cpu().map_or(Duration::ZERO, |cpu| self.by_others(cpu))
    }

    /// What the threads of the dearest chain waited, less what the other threads can have run meanwhile.
    fn by_others(&self, cpu: Duration) -> Duration {
        self.dearest.saturating_sub(cpu)
    }

    fn see(&mut self, threads: impl Iterator<Item = (u32, ThreadTime)>) {
        // A thread that was not there at the last look began after all that was seen until then. An id that is given out again is
        // taken for the earlier thread, which makes the chain shorter and never longer.
        let (earlier, so_far) = (std::mem::take(&mut self.before), self.dearest);
        for (id, ThreadTime { ran, waited }) in threads {
            let before = earlier.get(&id).copied().unwrap_or(so_far);
            self.before.insert(id, before);
            self.dearest = self.dearest.max(before + ran + waited);
        }
    }
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

    /// What is the machine's doing of the waits of threads. Each look sees some, by their ids, with how long they ran and waited.
    fn starved(looks: &[&[(u32, u64, u64)]], cpu: u64) -> u64 {
        let millis = Duration::from_millis;
        let mut waits = Waits::default();
        for threads in looks {
            waits.see(
                threads.iter().map(|&(id, ran, waited)| (id, ThreadTime { ran: millis(ran), waited: millis(waited) })),
            );
        }
        u64::try_from(waits.by_others(millis(cpu)).as_millis()).unwrap()
    }

    #[test]
    fn only_waits_for_others_are_the_machines_doing() {
        assert_eq!(starved(&[&[(1, 0, 2)]], 0), 2, "asleep");
        assert_eq!(starved(&[&[(1, 250, 750)]], 250), 750, "a quarter of a processor");
        assert_eq!(starved(&[&[(1, 500, 500), (2, 500, 500)]], 1000), 0, "two that take turns on one processor");
        assert_eq!(starved(&[&[(1, 50, 450), (2, 50, 450)]], 100), 400, "two that take turns on a tenth of one");
        assert_eq!(starved(&[&[(1, 0, 900)]], 1000), 0, "others of the run have ended");
        assert_eq!(starved(&[&[]], 10), 0);
    }

    #[test]
    fn what_threads_waited_one_after_the_other_adds_up() {
        let main = (1, 1, 0);
        let four: [&[_]; 4] =
            [&[main, (2, 50, 150)], &[main, (3, 50, 150)], &[main, (4, 50, 150)], &[main, (5, 50, 150)]];
        assert_eq!(starved(&four, 201), 599, "a quarter of a processor for each of four");
        assert_eq!(starved(&[&[(1, 10, 40)], &[(1, 50, 150)], &[(1, 50, 150)]], 50), 150, "one thread, seen often");
    }

    #[test]
    fn what_threads_waited_at_once_counts_once() {
        let together: [&[_]; 3] = [&[(1, 10, 90), (2, 10, 90)], &[(2, 20, 180), (3, 0, 80)], &[(3, 5, 195)]];
        // The first and the third lived one after the other: they ran for 15 and waited for 285, as 30 of the run's CPU time passed.
        assert_eq!(starved(&together, 45), 255);
        assert_eq!(starved(&[&[(1, 10, 90), (2, 10, 90)], &[(2, 20, 180)]], 30), 170);
    }

    #[test]
    fn an_id_that_is_given_out_again_adds_nothing() {
        assert_eq!(starved(&[&[(1, 10, 90)], &[(1, 5, 45)]], 15), 85);
    }

    #[test]
    fn the_kernel_tells_of_a_thread() {
        let main = parse(&fs::read_to_string("/proc/self/schedstat").unwrap()).unwrap();
        assert!(main.ran > Duration::ZERO);
        assert!(parse("").is_none() && parse("12").is_none() && parse("a b c").is_none());
    }
}
