//! A map of clients, each with a map of what it was told; old replies are removed one by one.

use std::collections::HashMap;

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

/// The ledger.
#[derive(Debug)]
pub struct Ledger {
    users: HashMap<u64, Memory>,
    books: HashMap<Account, u64>,
    width: u64,
    active: bool,
}

/// What one user was told.
#[derive(Debug)]
struct Memory {
    done: HashMap<u64, (Op, Reply)>,
    top: u64,
}

impl Memory {
    /// What was answered before, if anything.
    fn earlier(&self, width: u64, nr: u64, op: &Op) -> Option<Reply> {
        if self.top >= width && nr <= self.top - width {
            return Some(Reply::Expired);
        }
        let (before, told) = self.done.get(&nr)?;
        if before != op {
            return Some(Reply::Mismatch);
        }
        Some(told.clone())
    }
}

impl Ledger {
    pub fn open(&mut self) {
        self.active = true;
    }

    pub fn close(&mut self) {
        self.active = false;
    }

    pub fn remembered(&self) -> usize {
        self.users.values().map(|memory| memory.done.len()).sum()
    }

    fn pay_out(&mut self, account: Account, amount: u64) -> Reply {
        let funds = self.balance(account);
        if funds < amount {
            return Reply::Refused;
        }
        // Covered.
        self.books.insert(account, funds - amount);
        Reply::Done { balance: funds - amount }
    }

    fn pay_in(&mut self, account: Account, amount: u64) -> Reply {
        let funds = self.balance(account);
        match funds.checked_add(amount) {
            None => Reply::Refused,
            Some(sum) => {
                self.books.insert(account, sum);
                Reply::Done { balance: sum }
            }
        }
    }

    fn shift(&mut self, from: Account, to: Account, amount: u64) -> Reply {
        let payer = self.balance(from);
        if payer < amount {
            return Reply::Refused;
        }
        if from == to {
            return Reply::Done { balance: payer };
        }
        let payee = self.balance(to);
        if payee.checked_add(amount).is_none() {
            return Reply::Refused;
        }
        self.books.insert(to, payee + amount);
        self.books.insert(from, payer - amount);
        Reply::Done { balance: payer - amount }
    }

    pub fn balance(&self, account: Account) -> u64 {
        *self.books.get(&account).unwrap_or(&0)
    }

    fn store(&mut self, user: u64, nr: u64, op: Op, answer: Reply) {
        let width = self.width;
        let memory = self
            .users
            .entry(user)
            .or_insert_with(|| Memory { top: nr, done: HashMap::new() });
        if nr > memory.top {
            memory.top = nr;
        }
        memory.done.insert(nr, (op, answer));
        let top = memory.top;
        let old: Vec<u64> = memory.done.keys().filter(|nr| top - **nr >= width).copied().collect();
        for nr in old {
            memory.done.remove(&nr);
        }
    }

    pub fn apply(&mut self, user: u64, nr: u64, op: Op) -> Reply {
        if let Some(memory) = self.users.get(&user) {
            if let Some(answer) = memory.earlier(self.width, nr, &op) {
                return answer;
            }
        }
        if !self.active {
            return Reply::Closed;
        }
        let answer = match &op {
            Op::Transfer { from, to, cents } => self.shift(*from, *to, *cents),
            Op::Withdraw { account, cents } => self.pay_out(*account, *cents),
            Op::Deposit { account, cents } => self.pay_in(*account, *cents),
        };
        self.store(user, nr, op, answer.clone());
        answer
    }

    pub fn new(width: u64) -> Self {
        Ledger { width, active: true, users: HashMap::new(), books: HashMap::new() }
    }
}
