//! What a vector clock must do, down to the laws, checked on every small case rather than on random ones.
//! Only standard types are compared, and the helpers name them, so that no type of the candidate's can stand in for one.

use std::cmp::Ordering::{self, Equal, Greater, Less};

use vector_clock::VectorClock;

const NODES: [&str; 3] = ["a", "b", "c"];

fn clock(counts: &[(&str, u64)]) -> VectorClock {
    VectorClock::from_counts(counts)
}

/// The counts of `nodes`, in that order.
fn counts<const N: usize>(clock: &VectorClock, nodes: [&str; N]) -> [u64; N] {
    nodes.map(|node| clock.get(node))
}

fn entries(clock: &VectorClock) -> Vec<(String, u64)> {
    clock.entries()
}

fn compare(left: &VectorClock, right: &VectorClock) -> Option<Ordering> {
    left.compare(right)
}

mod counting {
    use super::*;

    #[test]
    fn new_clock_counts_nothing() {
        let clock = VectorClock::new();
        assert_eq!(counts(&clock, ["a", "b", ""]), [0, 0, 0]);
        assert_eq!(entries(&clock), []);
    }

    #[test]
    fn tick_counts_one_node_only() {
        let mut clock = clock(&[("a", 3), ("b", 5)]);
        clock.tick("a");
        clock.tick("c");
        clock.tick("c");
        assert_eq!(counts(&clock, NODES), [4, 5, 2]);
    }

    #[test]
    fn from_counts_keeps_the_larger_of_a_repeated_node() {
        let clock = clock(&[("a", 1), ("b", 7), ("a", 4), ("b", 2)]);
        assert_eq!(counts(&clock, NODES), [4, 7, 0]);
    }

    #[test]
    fn entries_are_sorted_and_without_zeros() {
        let mut clock = clock(&[("c", 1), ("b", 0), ("a10", 2)]);
        clock.tick("a9");
        clock.merge(&super::clock(&[("d", 0)]));
        let expected =
            [("a10", 2), ("a9", 1), ("c", 1)].map(|(node, count)| (node.to_string(), count));
        assert_eq!(entries(&clock), expected);
    }
}

mod merging {
    use super::*;

    #[test]
    fn takes_the_larger_count_of_each_node() {
        let mut left = clock(&[("a", 4), ("b", 1)]);
        left.merge(&clock(&[("a", 2), ("b", 6), ("c", 3)]));
        assert_eq!(counts(&left, NODES), [4, 6, 3]);
    }

    #[test]
    fn is_not_an_event() {
        let mut left = clock(&[("a", 1)]);
        let same = left.clone();
        left.merge(&same);
        left.merge(&VectorClock::new());
        assert_eq!(entries(&left), [("a".to_string(), 1)]);
    }

    #[test]
    fn receive_counts_the_arrival() {
        let message = clock(&[("a", 1)]);
        let mut receiver = VectorClock::new();
        receiver.receive("b", &message);
        assert_eq!(counts(&receiver, NODES), [1, 1, 0]);
        receiver.receive("b", &message); // a duplicate is an arrival as well
        assert_eq!(counts(&receiver, NODES), [1, 2, 0]);
    }

    #[test]
    fn receive_keeps_what_the_receiver_knew() {
        let mut receiver = clock(&[("b", 3), ("c", 2)]);
        receiver.receive("b", &clock(&[("a", 5), ("c", 1)]));
        assert_eq!(counts(&receiver, NODES), [5, 4, 2]);
    }

    #[test]
    fn receive_leaves_the_sender_alone() {
        let mut sender = VectorClock::new();
        sender.tick("a");
        let mut receiver = VectorClock::new();
        receiver.receive("b", &sender);
        assert_eq!(counts(&sender, NODES), [1, 0, 0]);
        assert_eq!(receiver.get("a"), 1);
    }

    #[test]
    fn receive_merges_before_it_ticks() {
        let mut restored = clock(&[("b", 2)]);
        restored.receive("b", &clock(&[("a", 1), ("b", 6)]));
        assert_eq!(counts(&restored, NODES), [1, 7, 0]);
    }
}

mod comparing {
    use super::*;

    #[test]
    fn earlier_is_less() {
        let earlier = clock(&[("a", 1), ("b", 2)]);
        let later = clock(&[("a", 3), ("b", 2)]);
        assert_eq!(compare(&earlier, &later), Some(Less));
        assert_eq!(compare(&later, &earlier), Some(Greater));
        assert_eq!(compare(&later, &later.clone()), Some(Equal));
    }

    #[test]
    fn concurrent_is_none() {
        let left = clock(&[("a", 2), ("b", 1)]);
        let right = clock(&[("a", 1), ("b", 2)]);
        assert_eq!(compare(&left, &right), None);
        assert_eq!(compare(&right, &left), None);
    }

    #[test]
    fn absent_is_zero() {
        let short = clock(&[("a", 1)]);
        let long = clock(&[("a", 1), ("b", 0)]);
        assert_eq!(compare(&short, &long), Some(Equal));
        assert_eq!(compare(&long, &short), Some(Equal));
        assert_eq!(
            compare(&VectorClock::new(), &clock(&[("a", 0)])),
            Some(Equal)
        );
    }

    #[test]
    fn sees_nodes_that_only_the_other_knows() {
        let short = clock(&[("b", 1)]);
        for other in ["a", "c"] {
            let long = clock(&[("b", 1), (other, 1)]);
            assert_eq!(compare(&short, &long), Some(Less));
            assert_eq!(compare(&long, &short), Some(Greater));
        }
        assert_eq!(compare(&short, &clock(&[("a", 9)])), None);
    }
}

mod laws {
    use super::*;

    /// All counts of three nodes up to two: 27 of them.
    fn small_counts() -> Vec<[u64; 3]> {
        let mut all = Vec::new();
        for a in 0..=2 {
            for b in 0..=2 {
                for c in 0..=2 {
                    all.push([a, b, c]);
                }
            }
        }
        all
    }

    /// The clock with these counts; zeros are written out or left out, in turn.
    fn small_clock(index: usize, counts: [u64; 3]) -> VectorClock {
        let pairs: Vec<(&str, u64)> = NODES.into_iter().zip(counts).collect();
        let sparse: Vec<(&str, u64)> = pairs
            .iter()
            .copied()
            .filter(|(_, count)| *count > 0)
            .collect();
        clock(if index % 2 == 0 { &pairs } else { &sparse })
    }

    fn small_clocks() -> Vec<VectorClock> {
        let clocks = small_counts().into_iter().enumerate();
        clocks
            .map(|(index, counts)| small_clock(index, counts))
            .collect()
    }

    fn at_most(left: &VectorClock, right: &VectorClock) -> bool {
        matches!(compare(left, right), Some(Less | Equal))
    }

    #[test]
    fn compare_is_a_partial_order() {
        let clocks = small_clocks();
        let all = 0..clocks.len();
        let order: Vec<Vec<bool>> = clocks
            .iter()
            .map(|left| clocks.iter().map(|right| at_most(left, right)).collect())
            .collect();
        for left in all.clone() {
            assert!(order[left][left], "reflexive");
            for middle in all.clone() {
                let mirrored = compare(&clocks[middle], &clocks[left]).map(Ordering::reverse);
                assert_eq!(
                    compare(&clocks[left], &clocks[middle]),
                    mirrored,
                    "the two directions agree"
                );
                assert!(
                    left == middle || !(order[left][middle] && order[middle][left]),
                    "antisymmetric"
                );
                for right in all.clone() {
                    assert!(
                        !(order[left][middle] && order[middle][right]) || order[left][right],
                        "transitive"
                    );
                }
            }
        }
    }

    #[test]
    fn compare_agrees_with_every_count() {
        let counts = small_counts();
        for (left_index, left) in counts.iter().enumerate() {
            for (right_index, right) in counts.iter().enumerate() {
                let smaller = left.iter().zip(right).any(|(left, right)| left < right);
                let larger = left.iter().zip(right).any(|(left, right)| left > right);
                let expected = match (smaller, larger) {
                    (false, false) => Some(Equal),
                    (true, false) => Some(Less),
                    (false, true) => Some(Greater),
                    (true, true) => None,
                };
                let found = compare(
                    &small_clock(left_index, *left),
                    &small_clock(right_index, *right),
                );
                assert_eq!(found, expected, "{left:?} and {right:?}");
            }
        }
    }

    #[test]
    fn merge_is_the_least_upper_bound() {
        let clocks = small_clocks();
        let merged = |left: &VectorClock, right: &VectorClock| {
            let mut merged = left.clone();
            merged.merge(right);
            merged
        };
        for left in &clocks {
            assert_eq!(
                entries(&merged(left, left)),
                entries(&left),
                "merging twice is merging once"
            );
            for right in &clocks {
                let join = merged(left, right);
                assert_eq!(
                    entries(&join),
                    entries(&merged(right, left)),
                    "the order does not matter"
                );
                assert!(
                    at_most(left, &join) && at_most(right, &join),
                    "an upper bound"
                );
                for bound in clocks
                    .iter()
                    .filter(|bound| at_most(left, bound) && at_most(right, bound))
                {
                    assert!(at_most(&join, bound), "the least one");
                }
            }
        }
    }

    /// One event of a history: where it happens, and the earlier event whose message it receives, if any.
    #[derive(Debug, Clone, Copy)]
    struct Event {
        node: usize,
        message: Option<usize>,
    }

    /// Calls `check` with every history of `length` events that begins with `history`.
    fn each_history(history: &mut Vec<Event>, length: usize, check: &mut impl FnMut(&[Event])) {
        if history.len() == length {
            return check(history);
        }
        for node in 0..NODES.len() {
            let senders = (0..history.len()).filter(|&sender| history[sender].node != node);
            for message in std::iter::once(None)
                .chain(senders.map(Some))
                .collect::<Vec<_>>()
            {
                history.push(Event { node, message });
                each_history(history, length, check);
                history.pop();
            }
        }
    }

    /// The events that happened before each event, as bits, by following local steps and messages.
    fn pasts(history: &[Event]) -> Vec<u32> {
        let mut pasts: Vec<u32> = Vec::new();
        for (index, event) in history.iter().enumerate() {
            let local = (0..index)
                .rev()
                .find(|&earlier| history[earlier].node == event.node);
            let causes = local.into_iter().chain(event.message);
            pasts.push(causes.fold(0, |past, cause| past | pasts[cause] | 1 << cause));
        }
        pasts
    }

    /// The stamps that the clock under test gives to the events.
    fn stamps(history: &[Event]) -> Vec<VectorClock> {
        let mut nodes: [VectorClock; 3] = std::array::from_fn(|_| VectorClock::new());
        let mut stamps: Vec<VectorClock> = Vec::new();
        for event in history {
            match event.message {
                Some(sender) => nodes[event.node].receive(NODES[event.node], &stamps[sender]),
                None => nodes[event.node].tick(NODES[event.node]),
            }
            stamps.push(nodes[event.node].clone());
        }
        stamps
    }

    #[test]
    fn compare_is_happened_before() {
        let mut histories = 0;
        each_history(&mut Vec::new(), 4, &mut |history| {
            histories += 1;
            let (pasts, stamps) = (pasts(history), stamps(history));
            for later in 0..history.len() {
                for earlier in 0..later {
                    let caused = pasts[later] & 1 << earlier != 0;
                    let expected = caused.then_some(Less);
                    assert_eq!(
                        compare(&stamps[earlier], &stamps[later]),
                        expected,
                        "{earlier}, {later} of {history:?}"
                    );
                }
            }
        });
        assert!(histories > 500, "only {histories} histories were played");
    }
}
