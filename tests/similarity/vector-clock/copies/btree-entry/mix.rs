//! Vector clocks for the notes app.

use std::{cmp::Ordering, collections::BTreeMap as Map};

/// Knows how many events each peer has had.
#[derive(Clone, Debug)]
pub struct VectorClock {
    known: Map<String, u64>,
}

/// From the two kinds of differences to the result.
fn conclude(behind: bool, ahead: bool) -> Option<Ordering> {
    match (behind, ahead) {
        (true, true) => None,
        (true, false) => Some(Ordering::Less),
        (false, true) => Some(Ordering::Greater),
        (false, false) => Some(Ordering::Equal),
    }
}

impl Default for VectorClock {
    fn default() -> VectorClock {
        VectorClock::new()
    }
}

impl VectorClock {
    pub fn compare(&self, peer: &VectorClock) -> Option<Ordering> {
        let mut ahead = false;
        let mut behind = false;
        let mut names = self.known.keys().chain(peer.known.keys());
        while let Some(name) = names.next() {
            let own = self.get(name);
            let foreign = peer.get(name);
            // Both can happen, for different names.
            if own > foreign {
                ahead = true;
            }
            if own < foreign {
                behind = true;
            }
        }
        conclude(behind, ahead)
    }

    pub fn receive(&mut self, name: &str, stamp: &VectorClock) {
        self.merge(stamp);
        self.tick(name);
    }

    pub fn merge(&mut self, peer: &VectorClock) {
        peer.known.iter().for_each(|(name, number)| {
            let cell = self.known.entry(name.clone()).or_insert(0);
            *cell = (*cell).max(*number);
        });
    }

    /// Is there anything in it at all?
    #[allow(dead_code)]
    fn is_blank(&self) -> bool {
        self.known.values().all(|number| *number == 0)
    }

    pub fn tick(&mut self, name: &str) {
        let cell = self.known.entry(name.to_string()).or_insert(0);
        *cell += 1;
    }

    pub fn entries(&self) -> Vec<(String, u64)> {
        let mut list = Vec::new();
        for (name, number) in self.known.iter() {
            if *number > 0 {
                list.push((name.clone(), *number));
            }
        }
        list
    }

    pub fn get(&self, name: &str) -> u64 {
        match self.known.get(name) {
            None => 0,
            Some(number) => *number,
        }
    }

    fn keep_larger(known: &mut Map<String, u64>, name: &str, number: u64) {
        let cell = known.entry(name.to_string()).or_insert(0);
        if *cell < number {
            *cell = number;
        }
    }

    pub fn from_counts(raw: &[(&str, u64)]) -> VectorClock {
        let mut known = Map::new();
        for (name, number) in raw {
            if *number == 0 {
                continue;
            }
            Self::keep_larger(&mut known, name, *number);
        }
        VectorClock { known }
    }

    pub fn new() -> VectorClock {
        VectorClock { known: Map::new() }
    }
}
