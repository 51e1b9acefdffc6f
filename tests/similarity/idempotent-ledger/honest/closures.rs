//! Balances change through one closure; every client has a map that is cut at the lower end of its window.

use std::collections::{BTreeMap, HashMap};

pub type Account = u32;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Op {
    Deposit { account: Account, cents: u64 },
    Withdraw { account: Account, cents: u64 },
    Transfer { from: Account, to: Account, cents: u64 },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    Done { balance: u64 },
    Refused,
    Closed,
    Mismatch,
    Expired,
}

#[derive(Debug, Default)]
pub struct Ledger {
    window: u64,
    closed: bool,
    cents: HashMap<Account, u64>,
    replies: HashMap<u64, BTreeMap<u64, (Op, Reply)>>,
}

impl Ledger {
    pub fn new(window: u64) -> Self {
        Ledger { window, ..Ledger::default() }
    }

    fn change(&mut self, account: Account, by: impl Fn(u64) -> Option<u64>) -> Option<u64> {
        let after = by(self.balance(account))?;
        if after > 0 {
            self.cents.insert(account, after);
        } else {
            self.cents.remove(&account);
        }
        Some(after)
    }

    fn perform(&mut self, op: &Op) -> Option<u64> {
        match op {
            Op::Deposit { account, cents } => self.change(*account, |before| before.checked_add(*cents)),
            Op::Withdraw { account, cents } => self.change(*account, |before| before.checked_sub(*cents)),
            Op::Transfer { from, to, cents } => {
                let paid = self.change(*from, |before| before.checked_sub(*cents))?;
                match self.change(*to, |before| before.checked_add(*cents)) {
                    Some(received) => Some(if from == to { received } else { paid }),
                    None => {
                        // Give it back.
                        self.change(*from, |before| Some(before + cents));
                        None
                    }
                }
            }
        }
    }

    pub fn apply(&mut self, client: u64, seq: u64, op: Op) -> Reply {
        let window = self.window;
        let mine = self.replies.entry(client).or_default();
        let highest = mine.keys().next_back().copied();
        if highest.is_some_and(|highest| seq < highest && highest - seq > window - 1) {
            return Reply::Expired;
        }
        match mine.get(&seq) {
            Some((first, reply)) => return if first == &op { reply.clone() } else { Reply::Mismatch },
            None if self.closed => {
                if mine.is_empty() {
                    self.replies.remove(&client);
                }
                return Reply::Closed;
            }
            None => {}
        }
        let reply = self.perform(&op).map_or(Reply::Refused, |balance| Reply::Done { balance });
        let lower_end = highest.unwrap_or(seq).max(seq).saturating_sub(window - 1);
        if let Some(mine) = self.replies.get_mut(&client) {
            mine.insert(seq, (op, reply.clone()));
            let kept = mine.split_off(&lower_end);
            *mine = kept;
        }
        reply
    }

    pub fn balance(&self, account: Account) -> u64 {
        match self.cents.get(&account) {
            Some(&cents) => cents,
            None => 0,
        }
    }

    pub fn remembered(&self) -> usize {
        self.replies.values().fold(0, |sum, mine| sum + mine.len())
    }

    pub fn close(&mut self) {
        self.closed = true;
    }

    pub fn open(&mut self) {
        self.closed = false;
    }
}
