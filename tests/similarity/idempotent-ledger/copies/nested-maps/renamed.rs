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

#[derive(Debug)]
struct Memory {
    top: u64,
    done: HashMap<u64, (Op, Reply)>,
}

#[derive(Debug)]
pub struct Ledger {
    window: u64,
    active: bool,
    books: HashMap<Account, u64>,
    users: HashMap<u64, Memory>,
}

impl Ledger {
    pub fn new(window: u64) -> Self {
        Ledger { window, active: true, books: HashMap::new(), users: HashMap::new() }
    }

    pub fn apply(&mut self, client: u64, seq: u64, op: Op) -> Reply {
        if let Some(memory) = self.users.get(&client) {
            if memory.top >= self.window && seq <= memory.top - self.window {
                return Reply::Expired;
            }
            if let Some((earlier, told)) = memory.done.get(&seq) {
                if *earlier != op {
                    return Reply::Mismatch;
                }
                return told.clone();
            }
        }
        if !self.active {
            return Reply::Closed;
        }
        let answer = match &op {
            Op::Deposit { account, cents } => self.pay_in(*account, *cents),
            Op::Withdraw { account, cents } => self.pay_out(*account, *cents),
            Op::Transfer { from, to, cents } => self.move_money(*from, *to, *cents),
        };
        let window = self.window;
        let memory = self
            .users
            .entry(client)
            .or_insert_with(|| Memory { top: seq, done: HashMap::new() });
        if seq > memory.top {
            memory.top = seq;
        }
        memory.done.insert(seq, (op, answer.clone()));
        let top = memory.top;
        memory.done.retain(|nr, _| top - nr < window);
        answer
    }

    fn pay_in(&mut self, account: Account, cents: u64) -> Reply {
        let funds = self.balance(account);
        match funds.checked_add(cents) {
            Some(sum) => {
                self.books.insert(account, sum);
                Reply::Done { balance: sum }
            }
            None => Reply::Refused,
        }
    }

    fn pay_out(&mut self, account: Account, cents: u64) -> Reply {
        let funds = self.balance(account);
        if funds < cents {
            return Reply::Refused;
        }
        self.books.insert(account, funds - cents);
        Reply::Done { balance: funds - cents }
    }

    fn move_money(&mut self, from: Account, to: Account, cents: u64) -> Reply {
        let payer = self.balance(from);
        let payee = self.balance(to);
        if payer < cents {
            return Reply::Refused;
        }
        if from == to {
            return Reply::Done { balance: payer };
        }
        if payee.checked_add(cents).is_none() {
            return Reply::Refused;
        }
        self.books.insert(from, payer - cents);
        self.books.insert(to, payee + cents);
        Reply::Done { balance: payer - cents }
    }

    pub fn balance(&self, account: Account) -> u64 {
        *self.books.get(&account).unwrap_or(&0)
    }

    pub fn remembered(&self) -> usize {
        let mut n = 0;
        for memory in self.users.values() {
            n += memory.done.len();
        }
        n
    }

    pub fn close(&mut self) {
        self.active = false;
    }

    pub fn open(&mut self) {
        self.active = true;
    }
}
