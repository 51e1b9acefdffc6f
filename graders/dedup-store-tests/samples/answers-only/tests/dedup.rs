//! Looks at what each call answers, and not at what it leaves behind.

use dedup_store::{Begin, DedupStore};

#[test]
fn calls_that_are_refused_say_so() {
    let mut store = DedupStore::new(100, 10);
    assert!(!store.complete("a", "ok", 0));
    assert!(!store.abandon("a"));
    assert_eq!(store.begin("a", 1, 0), Begin::First);
    assert!(store.complete("a", "ok", 0));
    assert!(!store.complete("a", "other", 0));
    assert!(!store.abandon("a"));
}

#[test]
fn content_is_compared() {
    let mut store = DedupStore::new(100, 10);
    store.begin("a", 1, 0);
    assert_eq!(store.begin("a", 2, 0), Begin::Mismatch);
    store.complete("a", "ok", 0);
    assert_eq!(store.begin("a", 2, 0), Begin::Mismatch);
}

#[test]
fn a_full_store_says_so() {
    let mut store = DedupStore::new(100, 2);
    store.begin("a", 1, 0);
    store.begin("b", 1, 0);
    assert_eq!(store.begin("c", 1, 0), Begin::Full);
}
