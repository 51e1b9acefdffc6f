//! Blocks every thread of the runtime and asks for more, so that it can never be shut down.

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

/// The tests' runtime waits for such threads when it is dropped, which is when a test has ended already.
async fn attack() {
    for _ in 0..20 {
        tokio::task::spawn_blocking(|| {
            loop {
                std::thread::park();
            }
        });
    }
}
