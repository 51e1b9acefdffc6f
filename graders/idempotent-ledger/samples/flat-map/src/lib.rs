//! One ordered map over client and number; a client's window is a range of it.

use std::collections::BTreeMap;

/// An account. One that was never paid into holds nothing.
pub type Account = u32;

/// What a client asks for. Amounts are in cents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Op {
    /// Pays into an account.
    Deposit { account: Account, cents: u64 },
    /// Takes out of an account.
    Withdraw { account: Account, cents: u64 },
    /// Moves money from one account to another.
    Transfer {
        from: Account,
        to: Account,
        cents: u64,
    },
}

/// What the ledger answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// Done; the account (of a transfer: the one paid from) held this much right after the operation.
    Done { balance: u64 },
    /// Not done, for good: an account holds too little, or more than a `u64` can count.
    Refused,
    /// Not done and not decided: the books are closed. The client may send the same request again.
    Closed,
    /// Not done: this sequence number was used for another operation.
    Mismatch,
    /// Not done now; the ledger no longer knows whether it was done before.
    Expired,
}

#[derive(Debug)]
pub struct Ledger {
    window: u64,
    open: bool,
    accounts: BTreeMap<Account, u64>,
    replies: BTreeMap<(u64, u64), (Op, Reply)>,
}

impl Ledger {
    pub fn new(window: u64) -> Self {
        Ledger {
            window,
            open: true,
            accounts: BTreeMap::new(),
            replies: BTreeMap::new(),
        }
    }

    pub fn apply(&mut self, client: u64, seq: u64, op: Op) -> Reply {
        if let Some(highest) = self.highest(client)
            && highest >= self.window
            && seq <= highest - self.window
        {
            return Reply::Expired;
        }
        match self.replies.get(&(client, seq)) {
            Some((known, reply)) if *known == op => return reply.clone(),
            Some(_) => return Reply::Mismatch,
            None if !self.open => return Reply::Closed,
            None => {}
        }
        let mut after = self.accounts.clone();
        let reply = match execute(&mut after, &op) {
            Ok(balance) => {
                self.accounts = after;
                Reply::Done { balance }
            }
            Err(Uncovered) => Reply::Refused,
        };
        self.replies.insert((client, seq), (op, reply.clone()));
        self.forget(client);
        reply
    }

    pub fn balance(&self, account: Account) -> u64 {
        *self.accounts.get(&account).unwrap_or(&0)
    }

    pub fn remembered(&self) -> usize {
        self.replies.len()
    }

    pub fn close(&mut self) {
        self.open = false;
    }

    pub fn open(&mut self) {
        self.open = true;
    }

    fn highest(&self, client: u64) -> Option<u64> {
        let mut known = self.replies.range((client, 0)..=(client, u64::MAX));
        known.next_back().map(|((_, seq), _)| *seq)
    }

    fn forget(&mut self, client: u64) {
        let highest = self.highest(client).unwrap_or(0);
        let first = highest.saturating_sub(self.window - 1);
        let old: Vec<_> = self
            .replies
            .range((client, 0)..(client, first))
            .map(|(key, _)| *key)
            .collect();
        for key in old {
            self.replies.remove(&key);
        }
    }
}

/// An account holds too little, or would hold too much.
struct Uncovered;

/// Works on a copy of the accounts, which the caller throws away after an error.
fn execute(accounts: &mut BTreeMap<Account, u64>, op: &Op) -> Result<u64, Uncovered> {
    match *op {
        Op::Deposit { account, cents } => put(accounts, account, cents),
        Op::Withdraw { account, cents } => take(accounts, account, cents),
        Op::Transfer { from, to, cents } => {
            take(accounts, from, cents)?;
            put(accounts, to, cents)?;
            Ok(accounts[&from])
        }
    }
}

fn put(
    accounts: &mut BTreeMap<Account, u64>,
    account: Account,
    cents: u64,
) -> Result<u64, Uncovered> {
    let balance = accounts.entry(account).or_insert(0);
    *balance = balance.checked_add(cents).ok_or(Uncovered)?;
    Ok(*balance)
}

fn take(
    accounts: &mut BTreeMap<Account, u64>,
    account: Account,
    cents: u64,
) -> Result<u64, Uncovered> {
    let balance = accounts.entry(account).or_insert(0);
    *balance = balance.checked_sub(cents).ok_or(Uncovered)?;
    Ok(*balance)
}
