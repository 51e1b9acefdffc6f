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
struct ClientState {
    max_seq: u64,
    history: HashMap<u64, (Op, Reply)>,
}

#[derive(Debug)]
pub struct Ledger {
    window: u64,
    is_open: bool,
    accounts: HashMap<Account, u64>,
    clients: HashMap<u64, ClientState>,
}

impl Ledger {
    pub fn new(window: u64) -> Self {
        Ledger { window, is_open: true, accounts: HashMap::new(), clients: HashMap::new() }
    }

    pub fn apply(&mut self, client: u64, seq: u64, op: Op) -> Reply {
        if let Some(reply) = self.look_up(client, seq, &op) {
            return reply;
        }
        if !self.is_open {
            return Reply::Closed;
        }
        let reply = self.execute(&op);
        self.remember(client, seq, op, reply.clone());
        reply
    }

    fn look_up(&self, client: u64, seq: u64, op: &Op) -> Option<Reply> {
        let state = self.clients.get(&client)?;
        if state.max_seq >= self.window && seq <= state.max_seq - self.window {
            return Some(Reply::Expired);
        }
        let (old_op, old_reply) = state.history.get(&seq)?;
        if old_op != op {
            return Some(Reply::Mismatch);
        }
        Some(old_reply.clone())
    }

    fn execute(&mut self, op: &Op) -> Reply {
        match op {
            Op::Deposit { account, cents } => self.deposit(*account, *cents),
            Op::Withdraw { account, cents } => self.withdraw(*account, *cents),
            Op::Transfer { from, to, cents } => self.transfer(*from, *to, *cents),
        }
    }

    fn remember(&mut self, client: u64, seq: u64, op: Op, reply: Reply) {
        let window = self.window;
        let state = self
            .clients
            .entry(client)
            .or_insert_with(|| ClientState { max_seq: seq, history: HashMap::new() });
        if seq > state.max_seq {
            state.max_seq = seq;
        }
        state.history.insert(seq, (op, reply));
        let max_seq = state.max_seq;
        state.history.retain(|old_seq, _| max_seq - old_seq < window);
    }

    fn deposit(&mut self, account: Account, cents: u64) -> Reply {
        let balance = self.balance(account);
        match balance.checked_add(cents) {
            Some(new_balance) => {
                self.accounts.insert(account, new_balance);
                Reply::Done { balance: new_balance }
            }
            None => Reply::Refused,
        }
    }

    fn withdraw(&mut self, account: Account, cents: u64) -> Reply {
        let balance = self.balance(account);
        if balance < cents {
            return Reply::Refused;
        }
        self.accounts.insert(account, balance - cents);
        Reply::Done { balance: balance - cents }
    }

    fn transfer(&mut self, from: Account, to: Account, cents: u64) -> Reply {
        let from_balance = self.balance(from);
        let to_balance = self.balance(to);
        if from_balance < cents {
            return Reply::Refused;
        }
        if from == to {
            return Reply::Done { balance: from_balance };
        }
        if to_balance.checked_add(cents).is_none() {
            return Reply::Refused;
        }
        self.book(from, from_balance, to, to_balance, cents)
    }

    fn book(&mut self, from: Account, from_balance: u64, to: Account, to_balance: u64, cents: u64) -> Reply {
        self.accounts.insert(from, from_balance - cents);
        self.accounts.insert(to, to_balance + cents);
        Reply::Done { balance: from_balance - cents }
    }

    pub fn balance(&self, account: Account) -> u64 {
        *self.accounts.get(&account).unwrap_or(&0)
    }

    pub fn remembered(&self) -> usize {
        let mut total = 0;
        for state in self.clients.values() {
            total += state.history.len();
        }
        total
    }

    pub fn close(&mut self) {
        self.is_open = false;
    }

    pub fn open(&mut self) {
        self.is_open = true;
    }
}
