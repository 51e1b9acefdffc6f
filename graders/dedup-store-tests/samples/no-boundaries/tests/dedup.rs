//! Far inside of the window and far outside, and nothing at its end.

use dedup_store::{Begin, DedupStore};

fn done(outcome: &str) -> Begin {
    Begin::Done(outcome.to_owned())
}

#[test]
fn window() {
    let mut store = DedupStore::new(100, 10);
    store.begin("a", 1, 0);
    assert_eq!(store.begin("a", 1, 1_000), Begin::InFlight);
    store.complete("a", "ok", 1_000);
    assert_eq!(store.begin("a", 1, 1_050), done("ok"));
    assert_eq!(store.begin("a", 1, 1_130), Begin::First);
}

#[test]
fn clocks() {
    let mut store = DedupStore::new(100, 10);
    store.begin("a", 1, 0);
    store.complete("a", "ok", 0);
    store.begin("b", 1, 500);
    assert_eq!(store.begin("a", 1, 50), Begin::First);
}

#[test]
fn content() {
    let mut store = DedupStore::new(100, 10);
    store.begin("a", 1, 0);
    assert_eq!(store.begin("a", 2, 0), Begin::Mismatch);
}

#[test]
fn refused_calls() {
    let mut store = DedupStore::new(100, 10);
    store.begin("a", 1, 0);
    store.complete("a", "ok", 0);
    assert!(!store.complete("a", "other", 0));
    assert!(!store.abandon("a"));
    assert_eq!(store.begin("a", 1, 0), done("ok"));
}

#[test]
fn capacity() {
    let mut store = DedupStore::new(100, 2);
    for (id, now) in [("a", 0), ("b", 1)] {
        store.begin(id, 1, now);
        store.complete(id, id, now);
    }
    store.begin("c", 1, 2);
    assert_eq!(store.begin("b", 1, 2), done("b"));
    store.begin("d", 1, 2);
    assert_eq!(store.begin("e", 1, 2), Begin::Full);
}
