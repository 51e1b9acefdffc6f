//! The public tests are a start. The hidden tests check more.

use std::cmp::Ordering;

use vector_clock::VectorClock;

#[test]
fn a_tick_counts_an_event() {
    let mut clock = VectorClock::new();
    clock.tick("phone");
    clock.tick("phone");
    assert_eq!(clock.get("phone"), 2);
    assert_eq!(clock.get("laptop"), 0);
}

#[test]
fn entries_are_sorted() {
    let clock = VectorClock::from_counts(&[("phone", 2), ("laptop", 1)]);
    assert_eq!(
        clock.entries(),
        [("laptop".to_string(), 1), ("phone".to_string(), 2)]
    );
}

#[test]
fn a_message_orders_two_nodes() {
    let mut phone = VectorClock::new();
    phone.tick("phone");
    let mut laptop = VectorClock::new();
    laptop.receive("laptop", &phone);

    assert_eq!(phone.compare(&laptop), Some(Ordering::Less));
    assert_eq!(laptop.compare(&phone), Some(Ordering::Greater));
}

#[test]
fn edits_without_knowledge_of_each_other_are_concurrent() {
    let phone = VectorClock::from_counts(&[("phone", 2)]);
    let laptop = VectorClock::from_counts(&[("phone", 1), ("laptop", 2)]);
    assert_eq!(phone.compare(&laptop), None);
}
