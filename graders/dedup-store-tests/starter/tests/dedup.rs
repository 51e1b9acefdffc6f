use dedup_store::{Begin, DedupStore};

#[test]
fn a_message_is_handled_once() {
    let mut store = DedupStore::new(1_000, 10);
    assert_eq!(store.begin("a", 1, 0), Begin::First);
    assert!(store.complete("a", "ok", 5));
    assert_eq!(store.begin("a", 1, 10), Begin::Done("ok".to_owned()));
}

// What else does the specification say?
