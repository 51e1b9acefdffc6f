//! A thread owns the books and the memory; the ledger is a handle that sends it messages.

use std::collections::{HashMap, VecDeque};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

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

enum Message {
    Apply(u64, u64, Op, Sender<Reply>),
    Balance(Account, Sender<u64>),
    Remembered(Sender<usize>),
    SetOpen(bool),
}

#[derive(Debug)]
pub struct Ledger {
    books: Sender<Message>,
}

impl Ledger {
    pub fn new(window: u64) -> Self {
        let (books, inbox) = channel();
        thread::spawn(move || Books::new(window).run(inbox));
        Ledger { books }
    }

    pub fn apply(&mut self, client: u64, seq: u64, op: Op) -> Reply {
        self.ask(|answer| Message::Apply(client, seq, op, answer))
    }

    pub fn balance(&self, account: Account) -> u64 {
        self.ask(|answer| Message::Balance(account, answer))
    }

    pub fn remembered(&self) -> usize {
        self.ask(Message::Remembered)
    }

    pub fn close(&mut self) {
        self.books
            .send(Message::SetOpen(false))
            .expect("the books are kept");
    }

    pub fn open(&mut self) {
        self.books
            .send(Message::SetOpen(true))
            .expect("the books are kept");
    }

    fn ask<T>(&self, question: impl FnOnce(Sender<T>) -> Message) -> T {
        let (answer, answered) = channel();
        self.books
            .send(question(answer))
            .expect("the books are kept");
        answered.recv().expect("every question is answered")
    }
}

struct Books {
    window: u64,
    open: bool,
    accounts: HashMap<Account, u64>,
    clients: HashMap<u64, Memory>,
}

/// The requests of one client that are in the window, oldest number first.
#[derive(Default)]
struct Memory {
    seen: VecDeque<(u64, Op, Reply)>,
}

impl Memory {
    fn expired(&self, window: u64, seq: u64) -> bool {
        self.seen.back().is_some_and(|(highest, ..)| {
            highest.checked_sub(window).is_some_and(|last| seq <= last)
        })
    }

    fn insert(&mut self, window: u64, seq: u64, op: Op, reply: Reply) {
        let place = self.seen.partition_point(|(known, ..)| *known < seq);
        self.seen.insert(place, (seq, op, reply));
        while self
            .seen
            .front()
            .is_some_and(|(oldest, ..)| self.expired(window, *oldest))
        {
            self.seen.pop_front();
        }
    }
}

impl Books {
    fn new(window: u64) -> Self {
        Books {
            window,
            open: true,
            accounts: HashMap::new(),
            clients: HashMap::new(),
        }
    }

    fn run(mut self, inbox: Receiver<Message>) {
        // An answer that nobody waits for any more is nobody's loss.
        for message in inbox {
            let _ = match message {
                Message::Apply(client, seq, op, answer) => {
                    answer.send(self.apply(client, seq, op)).ok()
                }
                Message::Balance(account, answer) => answer.send(self.balance(account)).ok(),
                Message::Remembered(answer) => answer
                    .send(self.clients.values().map(|memory| memory.seen.len()).sum())
                    .ok(),
                Message::SetOpen(open) => Some(self.open = open),
            };
        }
    }

    fn apply(&mut self, client: u64, seq: u64, op: Op) -> Reply {
        if let Some(memory) = self.clients.get(&client) {
            if memory.expired(self.window, seq) {
                return Reply::Expired;
            }
            if let Some((_, known, reply)) = memory.seen.iter().find(|(known, ..)| *known == seq) {
                return if *known == op {
                    reply.clone()
                } else {
                    Reply::Mismatch
                };
            }
        }
        if !self.open {
            return Reply::Closed;
        }
        let reply = self.execute(&op);
        self.clients
            .entry(client)
            .or_default()
            .insert(self.window, seq, op, reply.clone());
        reply
    }

    fn balance(&self, account: Account) -> u64 {
        self.accounts.get(&account).copied().unwrap_or_default()
    }

    fn execute(&mut self, op: &Op) -> Reply {
        let (from, to, cents) = match *op {
            Op::Deposit { account, cents } => (None, Some(account), cents),
            Op::Withdraw { account, cents } => (Some(account), None, cents),
            Op::Transfer { from, to, cents } => (Some(from), Some(to), cents),
        };
        if from.is_some_and(|from| self.balance(from) < cents) {
            return Reply::Refused;
        }
        let receives = to.filter(|to| from != Some(*to));
        if receives.is_some_and(|to| self.balance(to) > u64::MAX - cents) {
            return Reply::Refused;
        }
        if from != to {
            from.map(|from| *self.accounts.entry(from).or_default() -= cents);
            to.map(|to| *self.accounts.entry(to).or_default() += cents);
        }
        let named = from.or(to).expect("every operation names an account");
        Reply::Done {
            balance: self.balance(named),
        }
    }
}
