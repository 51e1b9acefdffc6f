//! Counts in a hash map; the step is found in one pass over the peers of both clocks.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

#[derive(Debug, Clone, Default)]
pub struct VectorClock(HashMap<String, u64>);

impl VectorClock {
    pub fn new() -> Self {
        VectorClock(HashMap::new())
    }

    pub fn from_counts(counts: &[(&str, u64)]) -> Self {
        counts.iter().fold(Self::new(), |mut acc, (peer, ticks)| {
            let old = acc.0.entry(peer.to_string()).or_default();
            *old = (*old).max(*ticks);
            acc
        })
    }

    pub fn get(&self, peer: &str) -> u64 {
        *self.0.get(peer).unwrap_or(&0)
    }

    pub fn entries(&self) -> Vec<(String, u64)> {
        let positive = self.0.iter().filter(|&(_, &ticks)| ticks != 0);
        let mut entries: Vec<_> = positive
            .map(|(peer, &ticks)| (peer.clone(), ticks))
            .collect();
        entries.sort();
        entries
    }

    pub fn tick(&mut self, peer: &str) {
        *self.0.entry(peer.to_string()).or_insert(0) += 1;
    }

    pub fn merge(&mut self, that: &VectorClock) {
        for (peer, ticks) in that.0.iter() {
            self.0
                .entry(peer.clone())
                .and_modify(|old| *old = (*old).max(*ticks))
                .or_insert(*ticks);
        }
    }

    pub fn receive(&mut self, peer: &str, letter: &VectorClock) {
        self.merge(letter);
        self.tick(peer);
    }

    pub fn compare(&self, that: &VectorClock) -> Option<Ordering> {
        let peers: HashSet<&String> = self.0.keys().chain(that.0.keys()).collect();
        let mut so_far = Ordering::Equal;
        for peer in peers {
            let step = self.get(peer).cmp(&that.get(peer));
            match (so_far, step) {
                (_, Ordering::Equal) => {}
                (Ordering::Equal, _) => so_far = step,
                (so_far, step) if so_far == step => {}
                _ => return None,
            }
        }
        Some(so_far)
    }
}
