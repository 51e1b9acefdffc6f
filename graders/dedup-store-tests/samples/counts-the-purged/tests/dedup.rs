//! Asks for a number that the specification leaves open.

use dedup_store::DedupStore;

#[test]
fn purge_says_how_many_were_forgotten() {
    let mut store = DedupStore::new(100, 10);
    for id in ["a", "b", "c"] {
        store.begin(id, 1, 0);
        store.complete(id, "ok", 0);
    }
    assert_eq!(store.purge(100), 3);
    assert_eq!(store.len(), 0);
}
