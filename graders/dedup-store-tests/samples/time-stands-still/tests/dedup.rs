//! Everything happens at once: time is passed as zero.

use dedup_store::{Begin, DedupStore};

fn store() -> DedupStore {
    DedupStore::new(100, 2)
}

#[test]
fn life() {
    let mut store = store();
    assert_eq!(store.begin("a", 1, 0), Begin::First);
    assert_eq!(store.begin("a", 1, 0), Begin::InFlight);
    assert_eq!(store.begin("a", 2, 0), Begin::Mismatch);
    assert!(store.complete("a", "ok", 0));
    assert!(!store.complete("a", "other", 0));
    assert!(!store.abandon("a"));
    assert_eq!(store.begin("a", 1, 0), Begin::Done("ok".to_owned()));
    assert_eq!(store.begin("a", 2, 0), Begin::Mismatch);
}

#[test]
fn abandoning() {
    let mut store = store();
    store.begin("a", 1, 0);
    assert!(store.abandon("a"));
    assert_eq!(store.begin("a", 1, 0), Begin::First);
}

#[test]
fn room() {
    let mut store = store();
    store.begin("a", 1, 0);
    store.begin("b", 1, 0);
    assert_eq!(store.begin("c", 1, 0), Begin::Full);
    store.complete("a", "ok", 0);
    assert_eq!(store.begin("c", 1, 0), Begin::First);
    assert_eq!(store.begin("b", 1, 0), Begin::InFlight);
}
