//! A table of scripts: what is called, and what must come back.

use dedup_store::{Begin, DedupStore};

enum Step {
    Begin(&'static str, u64, u64, Begin),
    Complete(&'static str, &'static str, u64, bool),
    Abandon(&'static str, bool),
    Len(usize),
}

use Step::{Abandon, Begin as Ask, Complete, Len};

fn done(outcome: &str) -> Begin {
    Begin::Done(outcome.into())
}

/// With a window of 10 and room for two.
fn scripts() -> Vec<(&'static str, Vec<Step>)> {
    vec![
        (
            "window",
            vec![
                Ask("a", 7, 0, Begin::First),
                Complete("a", "x", 4, true),
                Ask("a", 7, 12, done("x")),
                Ask("a", 7, 13, done("x")),
                Ask("a", 7, 14, Begin::First),
            ],
        ),
        (
            "in flight for long",
            vec![Ask("a", 7, 0, Begin::First), Ask("a", 7, 99, Begin::InFlight), Complete("a", "x", 99, true)],
        ),
        (
            "content",
            vec![
                Ask("a", 7, 0, Begin::First),
                Ask("a", 8, 0, Begin::Mismatch),
                Complete("a", "x", 0, true),
                Ask("a", 8, 0, Begin::Mismatch),
                Ask("a", 7, 0, done("x")),
            ],
        ),
        (
            "refused ends",
            vec![
                Complete("a", "x", 0, false),
                Abandon("a", false),
                Ask("a", 7, 0, Begin::First),
                Complete("a", "x", 0, true),
                Complete("a", "y", 0, false),
                Abandon("a", false),
                Len(1),
                Ask("a", 7, 0, done("x")),
            ],
        ),
        (
            "room",
            vec![
                Ask("a", 1, 0, Begin::First),
                Complete("a", "a", 1, true),
                Ask("b", 1, 2, Begin::First),
                Complete("b", "b", 2, true),
                Ask("c", 1, 3, Begin::First),
                Ask("b", 1, 3, done("b")),
                Ask("d", 1, 3, Begin::First),
                Ask("e", 1, 3, Begin::Full),
                Len(2),
                Ask("c", 1, 3, Begin::InFlight),
                Abandon("c", true),
                Ask("e", 1, 3, Begin::First),
            ],
        ),
        (
            "clocks",
            vec![
                Ask("a", 1, 0, Begin::First),
                Complete("a", "a", 0, true),
                Ask("b", 1, 10, Begin::First),
                Len(1),
                Ask("a", 1, 5, Begin::First),
            ],
        ),
    ]
}

#[test]
fn scripts_come_out_as_specified() {
    for (name, steps) in scripts() {
        let mut store = DedupStore::new(10, 2);
        for (number, step) in steps.into_iter().enumerate() {
            let place = format!("{name}, step {}", number + 1);
            match step {
                Ask(id, fingerprint, now, answer) => assert_eq!(store.begin(id, fingerprint, now), answer, "{place}"),
                Complete(id, outcome, now, was) => assert_eq!(store.complete(id, outcome, now), was, "{place}"),
                Abandon(id, was) => assert_eq!(store.abandon(id), was, "{place}"),
                Len(count) => assert_eq!(store.len(), count, "{place}"),
            }
        }
    }
}
