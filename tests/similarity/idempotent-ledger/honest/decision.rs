//! First a decision that changes nothing, then its entries, which are added to the accounts.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

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
pub struct Ledger {
    width: u64,
    state: State,
    money: BTreeMap<Account, u64>,
    log: BTreeMap<u64, BTreeMap<u64, Record>>,
}

#[derive(Debug, PartialEq)]
enum State {
    Open,
    Closed,
}

#[derive(Debug, Clone)]
struct Record {
    request: Op,
    answer: Reply,
}

/// The new balances of accounts, and the one that is answered.
struct Posting {
    balances: Vec<(Account, u64)>,
    answer: u64,
}

impl Ledger {
    pub fn new(window: u64) -> Self {
        Self { width: window, state: State::Open, money: BTreeMap::new(), log: BTreeMap::new() }
    }

    pub fn apply(&mut self, client: u64, seq: u64, op: Op) -> Reply {
        let history = self.log.entry(client).or_default();
        if let Some((newest, _)) = history.last_key_value() {
            let oldest = newest.saturating_sub(self.width - 1);
            if seq < oldest {
                return Reply::Expired;
            }
        }
        match history.entry(seq) {
            Entry::Occupied(known) if known.get().request == op => known.get().answer.clone(),
            Entry::Occupied(_) => Reply::Mismatch,
            Entry::Vacant(_) if self.state == State::Closed => Reply::Closed,
            Entry::Vacant(place) => {
                let answer = match decide(&self.money, &op) {
                    Ok(posting) => {
                        self.money.extend(posting.balances);
                        Reply::Done { balance: posting.answer }
                    }
                    Err(reason) => reason,
                };
                place.insert(Record { request: op, answer: answer.clone() });
                while let Some(oldest) = history.first_entry() {
                    let age = seq.saturating_sub(*oldest.key());
                    if age < self.width {
                        break;
                    }
                    oldest.remove();
                }
                answer
            }
        }
    }

    pub fn balance(&self, account: Account) -> u64 {
        held(&self.money, account)
    }

    pub fn remembered(&self) -> usize {
        self.log.values().flat_map(|history| history.values()).count()
    }

    pub fn close(&mut self) {
        self.state = State::Closed;
    }

    pub fn open(&mut self) {
        self.state = State::Open;
    }
}

fn held(money: &BTreeMap<Account, u64>, account: Account) -> u64 {
    money.get(&account).map_or(0, |cents| *cents)
}

fn decide(money: &BTreeMap<Account, u64>, op: &Op) -> Result<Posting, Reply> {
    let plus = |account, cents| held(money, account).checked_add(cents).ok_or(Reply::Refused);
    let minus = |account, cents| held(money, account).checked_sub(cents).ok_or(Reply::Refused);
    match *op {
        Op::Deposit { account, cents } => {
            let answer = plus(account, cents)?;
            Ok(Posting { balances: vec![(account, answer)], answer })
        }
        Op::Withdraw { account, cents } => {
            let answer = minus(account, cents)?;
            Ok(Posting { balances: vec![(account, answer)], answer })
        }
        Op::Transfer { from, to, cents } if from == to => {
            minus(from, cents)?;
            Ok(Posting { balances: vec![], answer: held(money, from) })
        }
        Op::Transfer { from, to, cents } => {
            let answer = minus(from, cents)?;
            Ok(Posting { balances: vec![(from, answer), (to, plus(to, cents)?)], answer })
        }
    }
}
