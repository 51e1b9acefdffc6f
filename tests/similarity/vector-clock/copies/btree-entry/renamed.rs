//! My vector stamps.

use std::cmp::Ordering;
use std::collections::BTreeMap;

#[derive(Debug, Clone)]
pub struct VectorClock {
    stamps: BTreeMap<String, u64>,
}

impl VectorClock {
    pub fn new() -> Self {
        VectorClock { stamps: BTreeMap::new() }
    }

    pub fn from_counts(raw: &[(&str, u64)]) -> Self {
        let mut stamps = BTreeMap::new();
        for (who, events) in raw {
            if *events == 0 {
                continue;
            }
            let slot = stamps.entry(who.to_string()).or_insert(0);
            if *slot < *events {
                *slot = *events;
            }
        }
        VectorClock { stamps }
    }

    pub fn get(&self, who: &str) -> u64 {
        match self.stamps.get(who) {
            Some(events) => *events,
            None => 0,
        }
    }

    pub fn entries(&self) -> Vec<(String, u64)> {
        let mut list = Vec::new();
        for (who, events) in &self.stamps {
            if *events > 0 {
                list.push((who.clone(), *events));
            }
        }
        list
    }

    pub fn tick(&mut self, who: &str) {
        let slot = self.stamps.entry(who.to_string()).or_insert(0);
        *slot += 1;
    }

    pub fn merge(&mut self, peer: &VectorClock) {
        for (who, events) in &peer.stamps {
            let slot = self.stamps.entry(who.clone()).or_insert(0);
            *slot = (*slot).max(*events);
        }
    }

    pub fn receive(&mut self, who: &str, incoming: &VectorClock) {
        self.merge(incoming);
        self.tick(who);
    }

    pub fn compare(&self, peer: &VectorClock) -> Option<Ordering> {
        let mut behind = false;
        let mut ahead = false;
        for who in self.stamps.keys().chain(peer.stamps.keys()) {
            let own = self.get(who);
            let foreign = peer.get(who);
            if own < foreign {
                behind = true;
            }
            if own > foreign {
                ahead = true;
            }
        }
        match (behind, ahead) {
            (false, false) => Some(Ordering::Equal),
            (true, false) => Some(Ordering::Less),
            (false, true) => Some(Ordering::Greater),
            (true, true) => None,
        }
    }
}

impl Default for VectorClock {
    fn default() -> Self {
        Self::new()
    }
}
