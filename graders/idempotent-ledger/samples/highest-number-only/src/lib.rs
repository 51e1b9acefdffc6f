//! A ledger that applies each request of a client once, however often the request arrives.

use std::collections::{BTreeMap, HashMap};

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

/// Accounts, and the replies that clients may ask for again.
#[derive(Debug)]
pub struct Ledger {
    window: u64,
    closed: bool,
    balances: HashMap<Account, u64>,
    clients: HashMap<u64, Client>,
}

/// What is remembered of a client: never more than one window of replies, by sequence number.
#[derive(Debug, Default)]
struct Client {
    highest: u64,
    answered: BTreeMap<u64, (Op, Reply)>,
}

impl Client {
    /// The lowest number of the window.
    fn lowest(&self, window: u64) -> u64 {
        self.highest.saturating_sub(window - 1)
    }

    /// The reply that can be given without applying anything.
    fn recall(&self, window: u64, seq: u64, op: &Op) -> Option<Reply> {
        if seq < self.lowest(window) {
            return Some(Reply::Expired);
        }
        let Some((answered, reply)) = self.answered.get(&seq) else {
            // Numbers grow, so anything below the highest one has been here before.
            return (seq < self.highest).then_some(Reply::Expired);
        };
        Some(if answered == op {
            reply.clone()
        } else {
            Reply::Mismatch
        })
    }

    fn remember(&mut self, window: u64, seq: u64, op: Op, reply: Reply) {
        self.answered.insert(seq, (op, reply));
        self.highest = self.highest.max(seq);
        self.answered = self.answered.split_off(&self.lowest(window));
    }
}

impl Ledger {
    /// An empty ledger with open books that remembers the replies to the last `window` sequence numbers of each
    /// client. `window` is at least one.
    pub fn new(window: u64) -> Self {
        assert!(
            window > 0,
            "a ledger that remembers nothing cannot be idempotent"
        );
        Self {
            window,
            closed: false,
            balances: HashMap::new(),
            clients: HashMap::new(),
        }
    }

    /// Applies the operation that `client` numbered `seq`, once, however often and in whatever order requests come.
    pub fn apply(&mut self, client: u64, seq: u64, op: Op) -> Reply {
        let known = self.clients.get(&client);
        if let Some(reply) = known.and_then(|known| known.recall(self.window, seq, &op)) {
            return reply;
        }
        if self.closed {
            return Reply::Closed;
        }
        let reply = self.execute(&op).unwrap_or(Reply::Refused);
        self.clients
            .entry(client)
            .or_default()
            .remember(self.window, seq, op, reply.clone());
        reply
    }

    /// What the account holds, in cents.
    pub fn balance(&self, account: Account) -> u64 {
        self.balances.get(&account).copied().unwrap_or(0)
    }

    /// The number of replies that are remembered, over all clients.
    pub fn remembered(&self) -> usize {
        self.clients
            .values()
            .map(|client| client.answered.len())
            .sum()
    }

    /// Closes the books: until they are opened, nothing new is applied.
    pub fn close(&mut self) {
        self.closed = true;
    }

    /// Opens the books again.
    pub fn open(&mut self) {
        self.closed = false;
    }

    /// Carries the operation out, or changes nothing and returns `None`: all is computed before anything is stored.
    fn execute(&mut self, op: &Op) -> Option<Reply> {
        let balance = match *op {
            Op::Deposit { account, cents } => {
                let balance = self.balance(account).checked_add(cents)?;
                self.balances.insert(account, balance);
                balance
            }
            Op::Withdraw { account, cents } => {
                let balance = self.balance(account).checked_sub(cents)?;
                self.balances.insert(account, balance);
                balance
            }
            Op::Transfer { from, to, cents } => {
                let left = self.balance(from).checked_sub(cents)?;
                if from == to {
                    return Some(Reply::Done {
                        balance: self.balance(from),
                    });
                }
                let received = self.balance(to).checked_add(cents)?;
                self.balances.insert(from, left);
                self.balances.insert(to, received);
                left
            }
        };
        Some(Reply::Done { balance })
    }
}
