use dedup_store::DedupStore;

#[test]
fn the_map_is_empty() {
    let store = DedupStore::new(100, 10);
    assert!(store.inside.entries.is_empty());
}
