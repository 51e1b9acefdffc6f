//! A list that is too long to be dropped.

mod clock;

pub use clock::VectorClock;

struct Node(#[allow(dead_code)] Option<Box<Node>>);

pub(crate) fn attack() {
    let mut list = None;
    for _ in 0..1_000_000 {
        list = Some(Box::new(Node(list)));
    }
    drop(list);
}
