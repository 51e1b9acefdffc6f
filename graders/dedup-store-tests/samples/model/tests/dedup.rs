//! Random calls, compared with a model that is too slow for anything else. The numbers are the same in every run.

use dedup_store::{Begin, DedupStore};

/// Splitmix64.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}

#[derive(Clone)]
struct Known {
    id: String,
    fingerprint: u64,
    done: Option<(u64, String)>,
}

struct Model {
    window: u64,
    capacity: usize,
    now: u64,
    known: Vec<Known>,
}

impl Model {
    fn advance(&mut self, now: u64) {
        self.now = self.now.max(now);
        let (now, window) = (self.now, self.window);
        self.known.retain(|one| one.done.as_ref().is_none_or(|(at, _)| now < at + window));
    }

    fn begin(&mut self, id: &str, fingerprint: u64, now: u64) -> Begin {
        self.advance(now);
        if let Some(one) = self.known.iter().find(|one| one.id == id) {
            return match &one.done {
                _ if one.fingerprint != fingerprint => Begin::Mismatch,
                None => Begin::InFlight,
                Some((_, outcome)) => Begin::Done(outcome.clone()),
            };
        }
        if self.known.len() == self.capacity {
            let oldest = (0..self.known.len()).filter(|at| self.known[*at].done.is_some());
            let Some(oldest) = oldest.min_by_key(|at| self.known[*at].done.as_ref().unwrap().0) else {
                return Begin::Full;
            };
            self.known.remove(oldest);
        }
        self.known.push(Known { id: id.to_owned(), fingerprint, done: None });
        Begin::First
    }

    fn complete(&mut self, id: &str, outcome: &str, now: u64) -> bool {
        self.advance(now);
        let now = self.now;
        let found = self.known.iter_mut().find(|one| one.id == id && one.done.is_none());
        found.map(|one| one.done = Some((now, outcome.to_owned()))).is_some()
    }

    fn abandon(&mut self, id: &str) -> bool {
        let before = self.known.len();
        self.known.retain(|one| one.id != id || one.done.is_some());
        before != self.known.len()
    }
}

#[test]
fn the_store_is_as_its_model() {
    for seed in 0..40 {
        let mut numbers = Numbers(seed);
        let (window, capacity) = (5 + numbers.below(20), 1 + numbers.below(4) as usize);
        let mut store = DedupStore::new(window, capacity);
        let mut model = Model { window, capacity, now: 0, known: Vec::new() };
        for step in 0..400 {
            let id = format!("m{}", numbers.below(6));
            // Mostly forward, now and then behind.
            let now = (model.now + numbers.below(4)).saturating_sub(if numbers.below(8) == 0 { 15 } else { 0 });
            let place = format!("seed {seed}, step {step}");
            match numbers.below(6) {
                0..=2 => {
                    let fingerprint = numbers.below(8) / 7;
                    assert_eq!(store.begin(&id, fingerprint, now), model.begin(&id, fingerprint, now), "{place}");
                }
                3 | 4 => {
                    // Later than all before, so that the order of completions is never in doubt.
                    let now = model.now + 1;
                    let outcome = step.to_string();
                    assert_eq!(store.complete(&id, &outcome, now), model.complete(&id, &outcome, now), "{place}");
                }
                _ => assert_eq!(store.abandon(&id), model.abandon(&id), "{place}"),
            }
            assert_eq!(store.len(), model.known.len(), "{place}");
        }
    }
}
