//! The same plan, written anew sentence by sentence with the original beside it.

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
struct Told {
    newest: u64,
    answers: HashMap<u64, (Op, Reply)>,
}

#[derive(Debug)]
pub struct Ledger {
    window: u64,
    accepts: bool,
    money: HashMap<Account, u64>,
    told: HashMap<u64, Told>,
}

impl Ledger {
    pub fn new(window: u64) -> Self {
        let (money, told) = Default::default();
        Self { window, accepts: true, money, told }
    }

    pub fn apply(&mut self, client: u64, seq: u64, op: Op) -> Reply {
        let known = self.told.get(&client);
        let is_gone = |told: &Told| told.newest.checked_sub(self.window).is_some_and(|last| last >= seq);
        if known.is_some_and(is_gone) {
            return Reply::Expired;
        }
        match known.and_then(|told| told.answers.get(&seq)) {
            Some((first, answer)) if first.eq(&op) => answer.clone(),
            Some(_) => Reply::Mismatch,
            None if self.accepts => self.first_time(client, seq, op),
            None => Reply::Closed,
        }
    }

    fn first_time(&mut self, client: u64, seq: u64, op: Op) -> Reply {
        let answer = self.carry_out(&op).map_or(Reply::Refused, |balance| Reply::Done { balance });
        let told = self.told.entry(client).or_insert(Told { newest: seq, answers: HashMap::new() });
        told.newest = told.newest.max(seq);
        told.answers.insert(seq, (op, answer.clone()));
        let newest = told.newest;
        let window = self.window;
        told.answers.retain(|number, _| newest.abs_diff(*number) < window);
        answer
    }

    fn carry_out(&mut self, op: &Op) -> Option<u64> {
        let changed: Vec<(Account, u64)> = match *op {
            Op::Deposit { account, cents } => vec![(account, self.balance(account).checked_add(cents)?)],
            Op::Withdraw { account, cents } => vec![(account, self.balance(account).checked_sub(cents)?)],
            Op::Transfer { from, to, cents } => {
                let left = self.balance(from).checked_sub(cents)?;
                match from == to {
                    true => vec![(from, left + cents)],
                    false => vec![(from, left), (to, self.balance(to).checked_add(cents)?)],
                }
            }
        };
        let first = changed.first().map(|(_, cents)| *cents);
        self.money.extend(changed);
        first
    }

    pub fn balance(&self, account: Account) -> u64 {
        self.money.get(&account).map_or(0, |cents| *cents)
    }

    pub fn remembered(&self) -> usize {
        self.told.values().flat_map(|told| told.answers.keys()).count()
    }

    pub fn close(&mut self) {
        self.accepts = false;
    }

    pub fn open(&mut self) {
        self.accepts = true;
    }
}
