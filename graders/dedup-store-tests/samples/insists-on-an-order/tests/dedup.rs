//! Takes what one implementation does for what all have to do.

use dedup_store::{Begin, DedupStore};

#[test]
fn of_two_that_were_completed_at_once_the_first_is_evicted() {
    let mut store = DedupStore::new(100, 2);
    for id in ["b", "a"] {
        store.begin(id, 1, 0);
    }
    store.complete("b", "ok", 5);
    store.complete("a", "ok", 5);
    store.begin("c", 1, 6);
    assert_eq!(store.begin("a", 1, 6), Begin::Done("ok".to_owned()));
}
