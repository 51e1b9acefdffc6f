use dedup_store::{Begin, DedupStore};

#[test]
fn works() {
    let mut store = DedupStore::new(1_000, 10);
    assert_eq!(store.begin("a", 1, 0), Begin::First);
    assert_eq!(store.begin("a", 1, 1), Begin::InFlight);
    assert!(store.complete("a", "ok", 5));
    assert_eq!(store.begin("a", 1, 10), Begin::Done("ok".to_owned()));
    assert_eq!(store.begin("a", 1, 10_000), Begin::First);
}
