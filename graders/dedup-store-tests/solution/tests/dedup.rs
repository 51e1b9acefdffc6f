//! One test for each sentence of the specification, and for what each of them leaves behind.

use dedup_store::{Begin, DedupStore};

const WINDOW: u64 = 100;

fn store(capacity: usize) -> DedupStore {
    DedupStore::new(WINDOW, capacity)
}

fn done(outcome: &str) -> Begin {
    Begin::Done(outcome.to_owned())
}

/// Begins a message and completes it with its own id as the outcome.
fn handle(store: &mut DedupStore, id: &str, now: u64) {
    assert_eq!(store.begin(id, 1, now), Begin::First, "{id} at {now}");
    assert!(store.complete(id, id, now), "{id} at {now}");
}

mod life {
    use super::*;

    #[test]
    fn a_message_is_first_then_in_flight_then_done() {
        let mut store = store(2);
        assert_eq!(store.begin("a", 1, 0), Begin::First);
        assert_eq!(store.begin("a", 1, 0), Begin::InFlight);
        assert!(store.complete("a", "ok", 0));
        assert_eq!(store.begin("a", 1, 0), done("ok"));
    }

    #[test]
    fn ids_are_compared_byte_by_byte() {
        let mut store = store(10);
        for id in ["a", "A", "a ", "", "aa"] {
            assert_eq!(store.begin(id, 1, 0), Begin::First, "{id:?}");
        }
        assert_eq!(store.len(), 5);
    }

    #[test]
    fn what_is_abandoned_begins_anew() {
        let mut store = store(2);
        store.begin("a", 1, 0);
        assert!(store.abandon("a"));
        assert!(store.is_empty());
        assert_eq!(store.begin("a", 2, 0), Begin::First, "with another content too");
    }

    #[test]
    fn an_outcome_never_changes() {
        let mut store = store(2);
        handle(&mut store, "a", 0);
        assert!(!store.complete("a", "other", 1));
        assert_eq!(store.begin("a", 1, 1), done("a"));
        assert!(!store.abandon("a"));
        assert_eq!(store.begin("a", 1, 1), done("a"));
    }

    #[test]
    fn what_is_unknown_cannot_be_ended() {
        let mut store = store(2);
        assert!(!store.complete("a", "ok", 0));
        assert!(!store.abandon("a"));
        assert!(store.is_empty());
        assert_eq!(store.begin("a", 1, 0), Begin::First);
    }
}

mod fingerprint {
    use super::*;

    #[test]
    fn another_content_is_noticed_in_flight() {
        let mut store = store(2);
        store.begin("a", 1, 0);
        assert_eq!(store.begin("a", 2, 0), Begin::Mismatch);
        assert_eq!(store.begin("a", 1, 0), Begin::InFlight);
    }

    #[test]
    fn another_content_is_noticed_when_done() {
        let mut store = store(2);
        handle(&mut store, "a", 0);
        assert_eq!(store.begin("a", 2, 0), Begin::Mismatch);
        assert_eq!(store.begin("a", 1, 0), done("a"));
    }
}

mod window {
    use super::*;

    #[test]
    fn ends_at_its_very_end() {
        let mut store = store(2);
        handle(&mut store, "a", 0);
        assert_eq!(store.begin("a", 1, WINDOW - 1), done("a"));
        assert_eq!(store.begin("a", 1, WINDOW), Begin::First);
    }

    #[test]
    fn begins_with_the_completion() {
        let mut store = store(2);
        store.begin("a", 1, 0);
        store.complete("a", "ok", 60);
        assert_eq!(store.begin("a", 1, 60 + WINDOW - 1), done("ok"));
        assert_eq!(store.begin("a", 1, 60 + WINDOW), Begin::First);
    }

    #[test]
    fn is_not_extended_by_repetitions() {
        let mut store = store(2);
        handle(&mut store, "a", 0);
        for now in (10..WINDOW).step_by(10) {
            assert_eq!(store.begin("a", 1, now), done("a"), "{now}");
        }
        assert_eq!(store.begin("a", 1, WINDOW), Begin::First);
    }

    #[test]
    fn does_not_count_in_flight() {
        let mut store = store(2);
        store.begin("a", 1, 0);
        assert_eq!(store.begin("a", 1, 50 * WINDOW), Begin::InFlight);
        assert!(store.complete("a", "late", 50 * WINDOW));
    }

    #[test]
    fn forgets_the_fingerprint_too() {
        let mut store = store(2);
        handle(&mut store, "a", 0);
        assert_eq!(store.begin("a", 2, WINDOW), Begin::First);
    }
}

mod time {
    use super::*;

    #[test]
    fn does_not_go_back() {
        let mut store = store(3);
        handle(&mut store, "a", 0);
        store.begin("b", 1, WINDOW);
        assert_eq!(store.begin("a", 1, 1), Begin::First, "it was forgotten when b came");
    }

    #[test]
    fn a_late_clock_completes_at_the_time_of_the_store() {
        let mut store = store(3);
        store.begin("a", 1, 500);
        store.complete("a", "ok", 10);
        assert_eq!(store.begin("a", 1, 500 + WINDOW - 1), done("ok"));
    }
}

mod capacity {
    use super::*;

    #[test]
    fn the_oldest_outcome_makes_room() {
        let mut store = store(2);
        handle(&mut store, "a", 0);
        handle(&mut store, "b", 1);
        assert_eq!(store.begin("c", 1, 2), Begin::First);
        assert_eq!(store.len(), 2);
        assert_eq!(store.begin("b", 1, 2), done("b"));
    }

    #[test]
    fn what_counts_is_who_was_completed_first() {
        let mut store = store(2);
        store.begin("a", 1, 0);
        store.begin("b", 1, 1);
        store.complete("b", "b", 2);
        store.complete("a", "a", 3);
        store.begin("c", 1, 4);
        assert_eq!(store.begin("a", 1, 4), done("a"));
    }

    #[test]
    fn what_is_in_flight_stays() {
        let mut store = store(2);
        store.begin("a", 1, 0);
        handle(&mut store, "b", 1);
        assert_eq!(store.begin("c", 1, 2), Begin::First, "in the place of b");
        assert_eq!(store.begin("d", 1, 3), Begin::Full);
        assert_eq!(store.len(), 2);
        assert_eq!(store.begin("a", 1, 3), Begin::InFlight);
        assert_eq!(store.begin("c", 1, 3), Begin::InFlight);
    }

    #[test]
    fn what_is_forgotten_takes_no_place() {
        let mut store = store(2);
        handle(&mut store, "a", 0);
        store.begin("b", 1, 1);
        assert_eq!(store.begin("c", 1, WINDOW), Begin::First);
        assert_eq!(store.len(), 2);
    }
}

mod memory {
    use super::*;

    #[test]
    fn what_is_forgotten_does_not_count() {
        let mut store = store(5);
        handle(&mut store, "a", 0);
        store.begin("b", 1, 10);
        assert_eq!(store.len(), 2);
        store.begin("b", 1, WINDOW);
        assert_eq!(store.len(), 1);
    }

    #[test]
    fn purge_releases_what_is_forgotten_at_most() {
        let mut store = store(5);
        handle(&mut store, "a", 0);
        handle(&mut store, "b", 50);
        assert!(store.purge(WINDOW) <= 1);
        assert_eq!(store.begin("b", 1, WINDOW), done("b"));
        assert_eq!(store.begin("a", 1, WINDOW), Begin::First);
    }
}
