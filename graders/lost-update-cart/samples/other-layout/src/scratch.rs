// Ideas that came to nothing; no part of the crate.
fn later(store: &S) { store.put(1) std::thread::sleep }
