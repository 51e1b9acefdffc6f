use std::collections::BTreeMap;

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

type Books = BTreeMap<Account, u64>;
type Key = (u64, u64);

/// What can't be booked.
#[derive(Debug)]
struct Impossible;

fn add(books: &mut Books, account: Account, amount: u64) -> Result<u64, Impossible> {
    let cell = books.entry(account).or_insert(0);
    let sum = cell.checked_add(amount).ok_or(Impossible)?;
    *cell = sum;
    Ok(sum)
}

fn subtract(books: &mut Books, account: Account, amount: u64) -> Result<u64, Impossible> {
    let cell = books.entry(account).or_insert(0);
    let rest = cell.checked_sub(amount).ok_or(Impossible)?;
    *cell = rest;
    Ok(rest)
}

/// Books the operation into a copy.
fn book(books: &mut Books, op: &Op) -> Result<u64, Impossible> {
    match *op {
        Op::Transfer { from, to, cents } => {
            subtract(books, from, cents)?;
            add(books, to, cents)?;
            Ok(books[&from])
        }
        Op::Withdraw { account, cents } => subtract(books, account, cents),
        Op::Deposit { account, cents } => add(books, account, cents),
    }
}

#[derive(Debug)]
pub struct Ledger {
    closed: bool,
    width: u64,
    told: BTreeMap<Key, (Op, Reply)>,
    books: Books,
}

impl Ledger {
    pub fn new(window: u64) -> Self {
        Ledger { closed: false, width: window, told: BTreeMap::new(), books: Books::new() }
    }

    pub fn open(&mut self) {
        self.closed = false;
    }

    pub fn close(&mut self) {
        self.closed = true;
    }

    pub fn remembered(&self) -> usize {
        self.told.len()
    }

    pub fn balance(&self, account: Account) -> u64 {
        self.books.get(&account).copied().unwrap_or(0)
    }

    pub fn apply(&mut self, client: u64, seq: u64, op: Op) -> Reply {
        if self.is_old(client, seq) {
            return Reply::Expired;
        }
        if let Some((before, reply)) = self.told.get(&(client, seq)) {
            return if *before == op { reply.clone() } else { Reply::Mismatch };
        }
        if self.closed {
            return Reply::Closed;
        }
        let reply = self.perform(&op);
        self.told.insert((client, seq), (op, reply.clone()));
        self.clean_up(client);
        reply
    }

    fn is_old(&self, client: u64, seq: u64) -> bool {
        match self.top(client) {
            Some(top) => top >= self.width && seq <= top - self.width,
            None => false,
        }
    }

    fn perform(&mut self, op: &Op) -> Reply {
        let mut copy = self.books.clone();
        match book(&mut copy, op) {
            Err(Impossible) => Reply::Refused,
            Ok(balance) => {
                self.books = copy;
                Reply::Done { balance }
            }
        }
    }

    fn clean_up(&mut self, client: u64) {
        let top = self.top(client).unwrap_or(0);
        let lowest = top.saturating_sub(self.width - 1);
        let mut outdated = Vec::new();
        for (key, _) in self.told.range((client, 0)..(client, lowest)) {
            outdated.push(*key);
        }
        outdated.iter().for_each(|key| {
            self.told.remove(key);
        });
    }

    /// The newest number of a client.
    fn top(&self, client: u64) -> Option<u64> {
        let mut all = self.told.range((client, 0)..=(client, u64::MAX));
        let ((_, seq), _) = all.next_back()?;
        Some(*seq)
    }
}
