//! The client and the queue, each on its own.

use std::collections::{BTreeMap, BTreeSet};

use retry_storm::client::{Call, Client};
use retry_storm::server::{Queue, Taken};
use retry_storm::{Attempt, Failure, Layer, Request, Step};

const LAYERS: [Layer; 2] = [Layer::Gateway, Layer::Checkout];
const FAILURES: [Failure; 3] = [Failure::Broken, Failure::Overloaded, Failure::TimedOut];

/// An attempt in standard types: when it is sent, how long it may take, and the deadline that goes along.
type Sent = (u64, u64, Option<u64>);

fn sent(step: Step) -> Option<Sent> {
    match step {
        Step::Send(Attempt { at, timeout, deadline }) => Some((at, timeout, deadline)),
        Step::GiveUp => None,
    }
}

fn start(client: &mut Client, now: u64, deadline: Option<u64>) -> (Call, Option<Sent>) {
    let (call, step): (Call, Step) = client.start(now, deadline);
    (call, sent(step))
}

fn failed(client: &mut Client, call: &mut Call, now: u64, failure: Failure) -> Option<Sent> {
    sent(client.failed(call, now, failure))
}

/// When the client hears of the failure of an attempt that was sent at `at`.
fn heard_at(at: u64, timeout: u64, failure: Failure) -> u64 {
    match failure {
        Failure::TimedOut => at + timeout,
        Failure::Broken | Failure::Overloaded => at + 2,
    }
}

mod budget {
    use super::*;

    const CALLS_PER_SECOND: u64 = 50;
    const SECONDS: u64 = 40;
    const WINDOW: u64 = 10_000;

    /// When the calls begin, and when retries are sent, if every attempt ends with this failure.
    fn when_all_fails(layer: Layer, failure: Failure) -> (Vec<u64>, Vec<u64>) {
        let mut client = Client::new(layer, 11);
        let mut open: BTreeMap<(u64, usize), Call> = BTreeMap::new();
        let (mut starts, mut retries) = (Vec::new(), Vec::new());
        let mut next = 0;
        for index in 0..(CALLS_PER_SECOND * SECONDS) as usize {
            let begins = index as u64 * 1_000 / CALLS_PER_SECOND;
            while let Some(entry) = open.first_entry().filter(|entry| entry.key().0 <= begins) {
                let ((now, _), mut call) = entry.remove_entry();
                if let Some((at, timeout, _)) = failed(&mut client, &mut call, now, failure) {
                    retries.push(at);
                    next += 1;
                    open.insert((heard_at(at, timeout, failure), next), call);
                }
            }
            starts.push(begins);
            if let (call, Some((at, timeout, _))) = start(&mut client, begins, Some(begins + 3_000)) {
                next += 1;
                open.insert((heard_at(at, timeout, failure), next), call);
            }
        }
        retries.sort();
        (starts, retries)
    }

    fn in_window(times: &[u64], from: u64) -> usize {
        times.iter().filter(|at| (from..from + WINDOW).contains(*at)).count()
    }

    #[test]
    fn holds_for_all_calls_of_a_client_together() {
        for layer in LAYERS {
            for failure in FAILURES {
                let (starts, retries) = when_all_fails(layer, failure);
                for from in (0..=SECONDS * 1_000 - WINDOW).step_by(500) {
                    let (calls, again) = (in_window(&starts, from), in_window(&retries, from));
                    assert!(again <= 10 + calls / 5, "{layer:?}, {failure:?}: {again} retries in ten seconds");
                }
            }
        }
    }
}

mod jitter {
    use super::*;

    /// When each of many clients tries again, if all hear of the failure at the same time. Before that, all was well.
    fn retries(layer: Layer) -> Vec<u64> {
        let mut times = Vec::new();
        for seed in 0..400 {
            let mut client = Client::new(layer, seed);
            for now in (0..1_000).step_by(20) {
                let (call, _) = start(&mut client, now, Some(now + 3_000));
                client.succeeded(call, now + 50);
            }
            let (mut call, first) = start(&mut client, 1_100, Some(4_100));
            first.expect("the first attempt of a call is sent");
            times.extend(failed(&mut client, &mut call, 1_150, Failure::Broken).map(|(at, ..)| at));
        }
        times
    }

    #[test]
    fn spreads_the_retries_of_many_clients() {
        for layer in LAYERS {
            let times = retries(layer);
            for from in 1_150..4_100 {
                let close = times.iter().filter(|at| (from..from + 10).contains(*at)).count();
                assert!(close <= 10 + times.len() / 4, "{layer:?}: {close} of {} retries within 10 ms", times.len());
            }
        }
    }
}

mod deadline {
    use super::*;

    /// Checks every attempt of a call that nobody answers.
    fn check(layer: Layer, failure: Failure, now: u64, deadline: u64) {
        let mut client = Client::new(layer, 5);
        let (mut call, mut attempt) = start(&mut client, now, Some(deadline));
        for _ in 0..100 {
            let Some((at, timeout, told)) = attempt else { return };
            assert!(at < deadline, "{layer:?}: sent at {at}, deadline {deadline}");
            assert!(timeout <= deadline - at, "{layer:?}: {timeout} ms from {at} on, deadline {deadline}");
            assert!(told.is_none_or(|told| told <= deadline), "{layer:?}: told {told:?}, deadline {deadline}");
            attempt = failed(&mut client, &mut call, heard_at(at, timeout, failure), failure);
        }
        panic!("{layer:?} never gives up");
    }

    #[test]
    fn of_the_caller_bounds_every_attempt() {
        for layer in LAYERS {
            for failure in FAILURES {
                for left in [1, 2, 10, 100, 300, 450, 999, 1_001, 1_250, 3_000] {
                    check(layer, failure, 10_000, 10_000 + left);
                }
            }
        }
    }

    #[test]
    fn that_has_come_means_that_nothing_is_sent() {
        for layer in LAYERS {
            for deadline in [0, 9_999, 10_000] {
                let (_, attempt) = start(&mut Client::new(layer, 5), 10_000, Some(deadline));
                assert_eq!(attempt, None, "{layer:?}, {deadline}");
            }
        }
    }

    #[test]
    fn of_nobody_is_no_obstacle() {
        for layer in LAYERS {
            let mut client = Client::new(layer, 5);
            let (call, attempt) = start(&mut client, 10_000, None);
            let (at, timeout, _) = attempt.expect("a call without a deadline is sent");
            assert!(at < 10_100 && timeout >= 100, "{layer:?}: at {at} for {timeout} ms");
            client.succeeded(call, at + 50);
        }
    }
}

mod queue {
    use super::*;

    const WORKERS: usize = 10;

    /// Offers a request; answers with the ids of those turned away.
    fn offer(queue: &mut Queue, now: u64, id: u64, deadline: Option<u64>) -> Vec<u64> {
        let turned_away: Vec<Request> = queue.offer(now, Request { id, attempt: 1, deadline });
        ids(turned_away)
    }

    /// What a free worker finds: the id to serve, and the ids of those turned away.
    fn take(queue: &mut Queue, now: u64) -> (Option<u64>, Vec<u64>) {
        let Taken { next, turned_away } = queue.take(now);
        (next.map(|request| request.id), ids(turned_away))
    }

    fn ids(requests: Vec<Request>) -> Vec<u64> {
        requests.into_iter().map(|request| request.id).collect()
    }

    #[test]
    fn serves_at_once_when_a_worker_is_free() {
        let mut queue = Queue::new(WORKERS);
        for (id, deadline) in [(1, None), (2, Some(10_500)), (3, Some(13_000)), (4, None)] {
            let now = 10_000 + id;
            assert_eq!(offer(&mut queue, now, id, deadline), []);
            assert_eq!(take(&mut queue, now), (Some(id), vec![]));
            assert_eq!(take(&mut queue, now), (None, vec![]));
        }
    }

    #[test]
    fn serves_nobody_at_the_deadline() {
        for late in [0, 1, 1_000] {
            let mut queue = Queue::new(WORKERS);
            offer(&mut queue, 10_000, 1, Some(10_020));
            offer(&mut queue, 10_001, 2, Some(10_020));
            for _ in 0..3 {
                let (next, _) = take(&mut queue, 10_020 + late);
                assert_eq!(next, None, "{late} ms after the deadline");
            }
        }
    }

    #[test]
    fn is_bounded_whatever_the_deadlines() {
        for deadline in [None, Some(u64::MAX)] {
            let mut queue = Queue::new(WORKERS);
            let mut waiting = 0;
            for id in 0..20_000 {
                waiting += 1;
                waiting -= offer(&mut queue, 10_000 + id / 1_000, id, deadline).len();
                assert!(waiting <= 1_000, "{waiting} requests wait, deadline {deadline:?}");
            }
        }
    }

    /// Takes note of requests that leave the queue: each once, and only those that are in it.
    fn leave(inside: &mut BTreeSet<u64>, ids: impl IntoIterator<Item = u64>) {
        for id in ids {
            assert!(inside.remove(&id), "request {id} is not in the queue");
        }
    }

    #[test]
    fn loses_and_doubles_no_request() {
        let mut state: u64 = 99;
        let mut below = |bound: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % bound
        };
        let mut queue = Queue::new(WORKERS);
        let mut inside = BTreeSet::new();
        let mut now = 10_000;
        for id in 0..4_000 {
            now += below(4);
            inside.insert(id);
            let deadline = (below(4) > 0).then_some(now + 1 + below(400));
            leave(&mut inside, offer(&mut queue, now, id, deadline));
            // Workers are away for a while now and then.
            for _ in 0..if id / 200 % 2 == 0 { below(3) } else { 0 } {
                let (next, turned_away) = take(&mut queue, now);
                leave(&mut inside, next.into_iter().chain(turned_away));
            }
        }
        for _ in 0..4_000 {
            let (next, turned_away) = take(&mut queue, now);
            leave(&mut inside, next.into_iter().chain(turned_away));
        }
        assert!(inside.is_empty(), "{} requests never left the queue", inside.len());
    }
}
