//! Every operation is a list of signed changes, checked in wide integers; the memory of a client is a sorted vector.

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

#[derive(Debug, Default)]
struct Inbox {
    newest: Option<u64>,
    known: Vec<(u64, Op, Reply)>,
}

#[derive(Debug)]
pub struct Ledger {
    size: u64,
    locked: bool,
    funds: HashMap<Account, i128>,
    inboxes: HashMap<u64, Inbox>,
}

impl Op {
    fn changes(&self) -> Vec<(Account, i128)> {
        match self {
            Op::Deposit { account, cents } => vec![(*account, i128::from(*cents))],
            Op::Withdraw { account, cents } => vec![(*account, -i128::from(*cents))],
            Op::Transfer { from, to, cents } => {
                vec![(*from, -i128::from(*cents)), (*to, i128::from(*cents))]
            }
        }
    }
}

impl Ledger {
    pub fn new(window: u64) -> Self {
        Self { size: window, locked: false, funds: HashMap::default(), inboxes: HashMap::default() }
    }

    fn settle(&mut self, op: &Op) -> Reply {
        let mut staged = Vec::new();
        for (account, change) in op.changes() {
            let earlier = staged.iter().rev().find(|(staged, _)| *staged == account).map(|(_, funds)| *funds);
            let before = earlier.unwrap_or_else(|| self.funds.get(&account).copied().unwrap_or(0));
            let after = before + change;
            if !(0..=i128::from(u64::MAX)).contains(&after) {
                return Reply::Refused;
            }
            staged.push((account, after));
        }
        let named = staged[0].0;
        for (account, after) in staged {
            self.funds.insert(account, after);
        }
        Reply::Done { balance: self.balance(named) }
    }

    pub fn apply(&mut self, client: u64, seq: u64, op: Op) -> Reply {
        let size = self.size;
        let too_old = |newest: u64, number: u64| number < newest && newest - number >= size;
        let inbox = self.inboxes.get(&client);
        if inbox.and_then(|inbox| inbox.newest).is_some_and(|newest| too_old(newest, seq)) {
            return Reply::Expired;
        }
        let known = inbox.and_then(|inbox| {
            let index = inbox.known.binary_search_by_key(&seq, |(number, _, _)| *number).ok()?;
            inbox.known.get(index)
        });
        match known {
            Some((_, same, reply)) if same == &op => return reply.clone(),
            Some(_) => return Reply::Mismatch,
            None => {}
        }
        if self.locked {
            return Reply::Closed;
        }
        let reply = self.settle(&op);
        let inbox = self.inboxes.entry(client).or_default();
        let newest = inbox.newest.map_or(seq, |newest| newest.max(seq));
        inbox.newest = Some(newest);
        inbox.known.push((seq, op, reply.clone()));
        inbox.known.retain(|(number, _, _)| !too_old(newest, *number));
        inbox.known.sort_by_key(|(number, _, _)| *number);
        reply
    }

    pub fn balance(&self, account: Account) -> u64 {
        let funds = self.funds.get(&account).copied().unwrap_or(0);
        u64::try_from(funds).unwrap_or(0)
    }

    pub fn remembered(&self) -> usize {
        self.inboxes.values().map(|inbox| inbox.known.len()).sum()
    }

    pub fn close(&mut self) {
        self.locked = true;
    }

    pub fn open(&mut self) {
        self.locked = false;
    }
}
