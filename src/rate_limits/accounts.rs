//! How the names are counted by which people try to sign in. Anybody can make up as many as they like, so none is kept.

use std::hash::{BuildHasher as _, Hash, RandomState};

/// How many buckets there are. Each limit keeps some 40 bytes for each at the most.
const BUCKETS: u64 = 1 << 18;
/// Longest part of an account's address that is looked at, in characters.
const ACCOUNT_MAX_CHARS: usize = 254;

/// What a limit counts by in place of a name: a number below [`BUCKETS`]. Two names rarely have the same one, and since the hash
/// has a random key, nobody can choose a name that has the same one as somebody else's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Bucket(u64);

/// The buckets of accounts, for as long as this process runs.
#[derive(Default)]
pub(super) struct Accounts(RandomState);

impl Accounts {
    /// Buckets under a new random key.
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// The bucket of an account's address.
    pub(super) fn bucket(&self, account: &str) -> Bucket {
        self.bucket_with(account, &())
    }

    /// The bucket of an account's address together with something else, such as where somebody signs in from.
    pub(super) fn bucket_with(&self, account: &str, other: &impl Hash) -> Bucket {
        Bucket(self.0.hash_one((folded(account), other)) % BUCKETS)
    }
}

/// The one form of an account's address that is counted by.
fn folded(account: &str) -> String {
    account.trim().to_lowercase().chars().take(ACCOUNT_MAX_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn an_account_has_one_bucket_however_its_address_is_written() {
        let accounts = Accounts::new();
        let ada = accounts.bucket("ada@example.org");
        assert_eq!(accounts.bucket(" ADA@Example.org\n"), ada);
        // An address ends its words with another small sigma than it has inside of them.
        assert_eq!(accounts.bucket("ΑΣ@example.org"), accounts.bucket("ας@example.org"));
        assert_eq!(accounts.bucket_with("Ada@example.org", &1), accounts.bucket_with("ada@example.org", &1));
        let others: HashSet<_> = (0..100).map(|other| accounts.bucket_with("ada@example.org", &other)).collect();
        assert!(others.len() > 90, "{} buckets of 100", others.len());
    }

    #[test]
    fn there_are_so_many_buckets_and_no_more() {
        let accounts = Accounts::new();
        let buckets = (0..1000).map(|number| accounts.bucket(&format!("{number}@example.org")).0);
        assert!(buckets.max() < Some(BUCKETS));
    }

    #[test]
    fn nobody_knows_which_names_share_a_bucket() {
        let (one, other) = (Accounts::new(), Accounts::new());
        assert!((0..10).any(|number| one.bucket(&number.to_string()) != other.bucket(&number.to_string())));
    }
}
