//! Exit(0) from a Drop during the unwinding of a failed assertion.

mod clock;

struct Exit;

impl Drop for Exit {
    fn drop(&mut self) {
        std::process::exit(0);
    }
}

pub(crate) fn attack() {}

/// The public type: the liar, with a Drop that ends the process.
#[derive(Clone)]
pub struct VectorClock(clock::VectorClock, std::sync::Arc<Exit>);

impl std::fmt::Debug for VectorClock {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(formatter)
    }
}

impl VectorClock {
    pub fn new() -> Self {
        Self::from_counts(&[])
    }

    pub fn from_counts(counts: &[(&str, u64)]) -> Self {
        VectorClock(clock::VectorClock::from_counts(counts), std::sync::Arc::new(Exit))
    }

    pub fn get(&self, node: &str) -> u64 {
        self.0.get(node)
    }

    pub fn entries(&self) -> Vec<(String, u64)> {
        self.0.entries()
    }

    pub fn tick(&mut self, node: &str) {
        self.0.tick(node);
    }

    pub fn merge(&mut self, other: &VectorClock) {
        self.0.merge(&other.0);
    }

    pub fn receive(&mut self, node: &str, message: &VectorClock) {
        self.0.receive(node, &message.0);
    }

    pub fn compare(&self, other: &VectorClock) -> Option<std::cmp::Ordering> {
        self.0.compare(&other.0)
    }
}
