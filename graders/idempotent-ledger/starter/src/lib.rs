//! A ledger that applies each request of a client once, however often the request arrives.

/// An account. Its balance is zero until money is paid in.
pub type Account = u32;

/// What a client asks for. Amounts are in cents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Op {
    /// Pays into an account.
    Deposit { account: Account, cents: u64 },
    /// Withdraws from an account.
    Withdraw { account: Account, cents: u64 },
    /// Moves money from one account to another.
    Transfer {
        from: Account,
        to: Account,
        cents: u64,
    },
}

/// The ledger's reply to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// Done. This was the balance right after the operation; for a transfer, that of the account paid from.
    Done { balance: u64 },
    /// Refused for good: an account holds too little, or would hold more than a `u64` can count.
    Refused,
    /// Not done and not decided: the books are closed. The client may send the same request again.
    Closed,
    /// Not done: this sequence number was used for a different operation.
    Mismatch,
    /// Not done now. The ledger no longer knows whether it was done before.
    Expired,
}

/// Accounts, and the replies that clients may ask for again.
#[derive(Debug)]
pub struct Ledger {
    // Up to you.
}

impl Ledger {
    /// An empty ledger with open books that remembers the replies to the last `window` sequence numbers of each
    /// client. `window` is at least one.
    pub fn new(window: u64) -> Self {
        todo!("an empty ledger with a window of {window}")
    }

    /// Applies the operation that `client` numbered `seq`, once, however often and in whatever order requests come.
    pub fn apply(&mut self, client: u64, seq: u64, op: Op) -> Reply {
        todo!("apply {op:?}, number {seq} of client {client}")
    }

    /// The balance of the account, in cents.
    pub fn balance(&self, account: Account) -> u64 {
        todo!("the balance of {account}")
    }

    /// The number of replies that are remembered, over all clients.
    pub fn remembered(&self) -> usize {
        todo!("how many replies are remembered")
    }

    /// Closes the books: until they are opened, nothing new is applied.
    pub fn close(&mut self) {
        todo!("close the books")
    }

    /// Opens the books again.
    pub fn open(&mut self) {
        todo!("open the books")
    }
}
