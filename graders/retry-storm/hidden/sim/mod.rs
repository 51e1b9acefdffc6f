//! The shop in virtual time: users, four gateways, four checkouts, one inventory with ten workers.
//!
//! ```text
//! users --140/s--> gateway x4 --attempts--> checkout x4 --look-ups--> inventory: queue, 10 workers, 30 to 70 ms each
//! ```
//!
//! [`run`] plays a [`Scenario`] against the crate's `Client` and `Queue` and returns what happened. It uses neither
//! real
//! time nor real randomness: the same scenario and the same code give the same [`History`]. The model is simple:
//!
//! - A message takes one millisecond. Checkout itself takes no time and handles any number of calls.
//! - A user waits for three seconds. The gateway knows this and passes it on as the deadline of the call.
//! - A checkout that gives up returns the last failure that it saw to its gateway, or `Overloaded` if it sent nothing.
//! - Inventory doesn't notice when a caller has gone. It can only tell from the deadline in the request.
//! - Turning a request away costs five milliseconds of a worker's time: less than serving it, but not nothing.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use retry_storm::client::{Call, Client};
use retry_storm::server::{Queue, Taken};
use retry_storm::{Attempt, Failure, Layer, Request, Step};

pub type Millis = u64;

pub const GATEWAYS: usize = 4;
pub const CHECKOUTS: usize = 4;
pub const WORKERS: usize = 10;
/// The number of users per second on an ordinary day.
pub const LOAD: u64 = 140;
/// How long a user waits.
pub const PATIENCE: Millis = 3_000;
/// The shortest and the longest time that a look-up takes in a worker.
pub const SERVICE: (Millis, Millis) = (30, 70);
/// How much of a worker's time it costs to turn a request away.
pub const TURNING_AWAY: Millis = 5;
/// How long a message takes to arrive.
pub const LINK: Millis = 1;

/// A change in the conditions under which the shop works.
#[derive(Debug, Clone, Copy)]
pub enum Change {
    /// The number of users that arrive per second, at most 1,000.
    Load(u64),
    /// The time that a look-up takes in a worker, in percent of its usual time.
    Slowness(u64),
    /// How many of a thousand requests break on their way to checkout.
    BreakToCheckout(u64),
    /// How many of a thousand requests break on their way to inventory.
    BreakToInventory(u64),
    /// Whether the network loses look-ups silently.
    SwallowLookups(bool),
    /// The number of workers that inventory has from now on.
    Workers(usize),
    /// Inventory restarts and is back immediately. Requests that wait or are being served break.
    Restart,
}

#[derive(Debug, Clone)]
pub struct Scenario {
    pub seed: u64,
    pub length: Millis,
    /// In order of time.
    pub changes: Vec<(Millis, Change)>,
}

/// One thing that happened. Records are in order of time. Attempts and users are numbered from 0.
#[derive(Debug, Clone, Copy)]
pub enum Record {
    /// A user sends a request to a gateway.
    Arrived { at: Millis, user: usize, gateway: usize },
    /// A gateway responds to its user, who is still waiting.
    Answered { at: Millis, user: usize, ok: bool },
    /// A user has waited too long and leaves.
    Left { at: Millis, user: usize },
    /// A client sends an attempt. It is `in_vain` if the caller that it is for no longer waits.
    Sent { at: Millis, attempt: usize, from: Sender, number: u32, in_vain: bool },
    /// An attempt ends for its client, with success or with this failure.
    Ended { at: Millis, attempt: usize, outcome: Result<(), Failure> },
    /// A look-up reaches inventory.
    Reached { at: Millis, attempt: usize },
    /// Inventory turns a look-up away, on arrival or later.
    TurnedAway { at: Millis, attempt: usize },
    /// A worker starts a look-up. It is `in_vain` if any caller between it and the user no longer waits.
    Started { at: Millis, attempt: usize, waited: Millis, in_vain: bool },
    /// A worker has finished a look-up.
    Finished { at: Millis, attempt: usize },
}

/// The client that sends an attempt, and the user or attempt that it works for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sender {
    Gateway { gateway: usize, user: usize },
    Checkout { checkout: usize, parent: usize },
}

/// Plays a scenario and returns what happened.
pub fn run(scenario: &Scenario) -> History {
    let mut shop = Shop::new(scenario);
    for now in 0..scenario.length {
        shop.tick(now);
    }
    History { records: shop.records, most_waiting: shop.inventory.most_waiting }
}

// Users, calls and attempts.

struct User {
    waits: bool,
}

/// A call that a gateway makes for a user, or a checkout for a gateway's attempt.
struct Ongoing {
    sender: Sender,
    call: Option<Call>,
    attempts: u32,
    failure: Failure,
}

/// An attempt of a call. It waits until a response arrives or its time-out is over.
struct Trial {
    call: usize,
    number: u32,
    waits: bool,
    timeout: Millis,
    deadline: Option<Millis>,
}

#[derive(Clone, Copy)]
enum Event {
    Leave { user: usize },
    Send { attempt: usize },
    ReachCheckout { attempt: usize },
    ReachInventory { attempt: usize },
    WorkerDone { attempt: usize, life: u32 },
    Answer { attempt: usize, outcome: Result<(), Failure> },
    TimeUp { attempt: usize },
}

struct Inventory {
    queue: Queue,
    workers: usize,
    busy: usize,
    /// The look-ups that wait or are being served, and when each arrived.
    inside: BTreeMap<u64, Millis>,
    most_waiting: usize,
    /// Time that workers owe for turning requests away. The next look-up takes that much longer.
    debt: Millis,
    slowness: u64,
    /// Grows by one with each restart, so that results from before a restart can be told apart.
    life: u32,
}

struct Shop {
    due: Vec<Vec<Event>>,
    changes: VecDeque<(Millis, Change)>,
    load: u64,
    break_to_checkout: u64,
    break_to_inventory: u64,
    swallow_lookups: bool,
    gateways: Vec<Client>,
    checkouts: Vec<Client>,
    inventory: Inventory,
    users: Vec<User>,
    calls: Vec<Ongoing>,
    trials: Vec<Trial>,
    records: Vec<Record>,
    arrivals: Dice,
    routes: Dice,
    faults: Dice,
    service: Dice,
}

impl Shop {
    fn new(scenario: &Scenario) -> Self {
        let mut dice = Dice::new(scenario.seed);
        let gateways = (0..GATEWAYS).map(|_| Client::new(Layer::Gateway, dice.next())).collect();
        let checkouts = (0..CHECKOUTS).map(|_| Client::new(Layer::Checkout, dice.next())).collect();
        Self {
            due: vec![Vec::new(); scenario.length as usize],
            changes: scenario.changes.iter().copied().collect(),
            load: LOAD,
            break_to_checkout: 0,
            break_to_inventory: 0,
            swallow_lookups: false,
            gateways,
            checkouts,
            inventory: Inventory {
                queue: Queue::new(WORKERS),
                workers: WORKERS,
                busy: 0,
                inside: BTreeMap::new(),
                most_waiting: 0,
                debt: 0,
                slowness: 100,
                life: 0,
            },
            users: Vec::new(),
            calls: Vec::new(),
            trials: Vec::new(),
            records: Vec::new(),
            arrivals: Dice::new(dice.next()),
            routes: Dice::new(dice.next()),
            faults: Dice::new(dice.next()),
            service: Dice::new(dice.next()),
        }
    }

    fn tick(&mut self, now: Millis) {
        while let Some((_, change)) = self.changes.pop_front_if(|(at, _)| *at <= now) {
            self.change(now, change);
        }
        if self.arrivals.below(1_000) < self.load {
            self.arrive(now);
        }
        let mut next = 0;
        while let Some(event) = self.due[now as usize].get(next).copied() {
            self.handle(now, event);
            next += 1;
        }
        self.due[now as usize] = Vec::new();
    }

    fn plan(&mut self, at: Millis, event: Event) {
        if let Some(events) = self.due.get_mut(at as usize) {
            events.push(event);
        }
    }

    fn change(&mut self, now: Millis, change: Change) {
        match change {
            Change::Load(per_second) => self.load = per_second,
            Change::Slowness(percent) => self.inventory.slowness = percent,
            Change::BreakToCheckout(per_mille) => self.break_to_checkout = per_mille,
            Change::BreakToInventory(per_mille) => self.break_to_inventory = per_mille,
            Change::SwallowLookups(swallow) => self.swallow_lookups = swallow,
            Change::Workers(workers) => self.inventory.workers = workers,
            Change::Restart => {
                for id in std::mem::take(&mut self.inventory.inside).into_keys() {
                    self.answer(now, id as usize, Err(Failure::Broken));
                }
                self.inventory.queue = Queue::new(self.inventory.workers);
                self.inventory.busy = 0;
                self.inventory.debt = 0;
                self.inventory.life += 1;
            }
        }
    }

    fn handle(&mut self, now: Millis, event: Event) {
        match event {
            Event::Leave { user } => {
                if std::mem::take(&mut self.users[user].waits) {
                    self.records.push(Record::Left { at: now, user });
                }
            }
            Event::Send { attempt } => self.send(now, attempt),
            Event::ReachCheckout { attempt } => {
                if self.faults.below(1_000) < self.break_to_checkout {
                    return self.answer(now, attempt, Err(Failure::Broken));
                }
                let checkout = self.routes.below(CHECKOUTS as u64) as usize;
                let sender = Sender::Checkout { checkout, parent: attempt };
                self.begin(now, sender, self.trials[attempt].deadline);
            }
            Event::ReachInventory { .. } if self.swallow_lookups => {}
            Event::ReachInventory { attempt } => {
                self.records.push(Record::Reached { at: now, attempt });
                if self.faults.below(1_000) < self.break_to_inventory {
                    return self.answer(now, attempt, Err(Failure::Broken));
                }
                self.offer(now, attempt);
            }
            Event::WorkerDone { attempt, life } => {
                if life == self.inventory.life {
                    self.inventory.busy -= 1;
                    self.inventory.inside.remove(&(attempt as u64));
                    self.records.push(Record::Finished { at: now, attempt });
                    self.answer(now, attempt, Ok(()));
                    self.work(now);
                }
            }
            Event::Answer { attempt, outcome } => self.end(now, attempt, outcome),
            Event::TimeUp { attempt } => self.end(now, attempt, Err(Failure::TimedOut)),
        }
    }

    // Users and clients.

    fn arrive(&mut self, now: Millis) {
        let user = self.users.len();
        let gateway = user % GATEWAYS;
        let deadline = now + PATIENCE;
        self.users.push(User { waits: true });
        self.records.push(Record::Arrived { at: now, user, gateway });
        self.plan(deadline + 1, Event::Leave { user });
        self.begin(now, Sender::Gateway { gateway, user }, Some(deadline));
    }

    fn begin(&mut self, now: Millis, sender: Sender, deadline: Option<Millis>) {
        let (call, step): (Call, Step) = self.client(sender).start(now, deadline);
        let ongoing = Ongoing { sender, call: Some(call), attempts: 0, failure: Failure::Overloaded };
        self.calls.push(ongoing);
        self.step(now, self.calls.len() - 1, step);
    }

    fn client(&mut self, sender: Sender) -> &mut Client {
        match sender {
            Sender::Gateway { gateway, .. } => &mut self.gateways[gateway],
            Sender::Checkout { checkout, .. } => &mut self.checkouts[checkout],
        }
    }

    fn step(&mut self, now: Millis, call: usize, step: Step) {
        match step {
            Step::Send(Attempt { at, timeout, deadline }) => {
                let (at, timeout, deadline): (Millis, Millis, Option<Millis>) = (at, timeout, deadline);
                assert!(at >= now, "at {now} ms an attempt was to be sent at {at} ms");
                self.calls[call].attempts += 1;
                let number = self.calls[call].attempts;
                let attempt = self.trials.len();
                self.trials.push(Trial { call, number, waits: true, timeout, deadline });
                self.plan(at, Event::Send { attempt });
            }
            Step::GiveUp => {
                let failure = self.calls[call].failure;
                self.close(now, call, Err(failure));
            }
        }
    }

    fn send(&mut self, now: Millis, attempt: usize) {
        let Trial { call, number, timeout, .. } = self.trials[attempt];
        let from = self.calls[call].sender;
        let in_vain = !self.is_awaited_by(from);
        self.records.push(Record::Sent { at: now, attempt, from, number, in_vain });
        let reach = match from {
            Sender::Gateway { .. } => Event::ReachCheckout { attempt },
            Sender::Checkout { .. } => Event::ReachInventory { attempt },
        };
        self.plan(now.saturating_add(timeout), Event::TimeUp { attempt });
        self.plan(now + LINK, reach);
    }

    fn answer(&mut self, now: Millis, attempt: usize, outcome: Result<(), Failure>) {
        self.plan(now + LINK, Event::Answer { attempt, outcome });
    }

    /// Ends an attempt, when its response arrives or its time-out is over, whichever comes first.
    fn end(&mut self, now: Millis, attempt: usize, outcome: Result<(), Failure>) {
        if !std::mem::take(&mut self.trials[attempt].waits) {
            return;
        }
        self.records.push(Record::Ended { at: now, attempt, outcome });
        let number = self.trials[attempt].call;
        let sender = self.calls[number].sender;
        let mut call = self.calls[number].call.take().expect("a call has one attempt at a time");
        match outcome {
            Ok(()) => {
                self.client(sender).succeeded(call, now);
                self.close(now, number, Ok(()));
            }
            Err(failure) => {
                let step: Step = self.client(sender).failed(&mut call, now, failure);
                self.calls[number].call = Some(call);
                self.calls[number].failure = failure;
                self.step(now, number, step);
            }
        }
    }

    /// Ends a call and tells its caller the outcome.
    fn close(&mut self, now: Millis, call: usize, outcome: Result<(), Failure>) {
        match self.calls[call].sender {
            Sender::Gateway { user, .. } => {
                if std::mem::take(&mut self.users[user].waits) {
                    self.records.push(Record::Answered { at: now, user, ok: outcome.is_ok() });
                }
            }
            Sender::Checkout { parent, .. } => self.answer(now, parent, outcome),
        }
    }

    /// Whether all callers from this sender up to the user still wait.
    fn is_awaited_by(&self, sender: Sender) -> bool {
        match sender {
            Sender::Gateway { user, .. } => self.users[user].waits,
            Sender::Checkout { parent, .. } => self.is_awaited(parent),
        }
    }

    fn is_awaited(&self, attempt: usize) -> bool {
        let trial = &self.trials[attempt];
        trial.waits && self.is_awaited_by(self.calls[trial.call].sender)
    }

    // Inventory.

    fn offer(&mut self, now: Millis, attempt: usize) {
        let Trial { number, deadline, .. } = self.trials[attempt];
        self.inventory.inside.insert(attempt as u64, now);
        let request = Request { id: attempt as u64, attempt: number, deadline };
        let refused: Vec<Request> = self.inventory.queue.offer(now, request);
        self.turn_away(now, refused);
        self.work(now);
    }

    fn work(&mut self, now: Millis) {
        while self.inventory.busy < self.inventory.workers {
            let Taken { next, turned_away } = self.inventory.queue.take(now);
            self.turn_away(now, turned_away);
            let Some(Request { id, .. }) = next else { break };
            let (id, since): (u64, Option<&Millis>) = (id, self.inventory.inside.get(&id));
            let waited = now - *since.expect("the queue handed out a request that does not wait");
            let attempt = id as usize;
            let in_vain = !self.is_awaited(attempt);
            self.records.push(Record::Started { at: now, attempt, waited, in_vain });
            let took = SERVICE.0 + self.service.below(SERVICE.1 - SERVICE.0 + 1);
            let took = took * self.inventory.slowness / 100 + std::mem::take(&mut self.inventory.debt);
            self.inventory.busy += 1;
            self.plan(now + took, Event::WorkerDone { attempt, life: self.inventory.life });
        }
        self.inventory.most_waiting =
            self.inventory.most_waiting.max(self.inventory.inside.len() - self.inventory.busy);
    }

    fn turn_away(&mut self, now: Millis, requests: Vec<Request>) {
        for Request { id, .. } in requests {
            let known = self.inventory.inside.remove(&id);
            assert!(known.is_some(), "the queue turned a request away that does not wait");
            self.inventory.debt += TURNING_AWAY;
            self.records.push(Record::TurnedAway { at: now, attempt: id as usize });
            self.answer(now, id as usize, Err(Failure::Overloaded));
        }
    }
}

/// What happened in a scenario, and ways to evaluate it. A span of time is half-open: `(from, to)` means from ≤ t < to.
pub struct History {
    pub records: Vec<Record>,
    /// The largest number of requests that ever waited for a worker at once.
    pub most_waiting: usize,
}

type Span = (Millis, Millis);

fn within((from, to): Span, at: Millis) -> bool {
    (from..to).contains(&at)
}

impl History {
    /// The number of users that arrived in this span.
    pub fn users(&self, span: Span) -> usize {
        self.count(|record| matches!(*record, Record::Arrived { at, .. } if within(span, at)))
    }

    /// The share of the users that arrived in this span, at all gateways or at `only` one, who were served in time, in
    /// percent.
    pub fn served_percent(&self, span: Span, only: Option<usize>) -> f64 {
        let mut came = BTreeSet::new();
        let mut served = 0;
        for record in &self.records {
            match *record {
                Record::Arrived { at, user, gateway } => {
                    if within(span, at) && only.is_none_or(|only| only == gateway) {
                        came.insert(user);
                    }
                }
                Record::Answered { user, ok: true, .. } => served += usize::from(came.contains(&user)),
                _ => {}
            }
        }
        100.0 * served as f64 / came.len() as f64
    }

    /// The number of users who were served in this span, whenever they arrived.
    pub fn goodput(&self, span: Span) -> usize {
        self.count(|record| matches!(*record, Record::Answered { at, ok: true, .. } if within(span, at)))
    }

    /// The number of look-ups that checkouts sent in this span, including retries.
    pub fn lookups(&self, span: Span) -> usize {
        let is_lookup = |at, from| within(span, at) && matches!(from, Sender::Checkout { .. });
        self.count(|record| matches!(*record, Record::Sent { at, from, .. } if is_lookup(at, from)))
    }

    /// The number of records for which `like` returns true.
    pub fn count(&self, like: impl Fn(&Record) -> bool) -> usize {
        self.records.iter().filter(|record| like(record)).count()
    }
}

/// The random numbers of the simulation itself (splitmix64).
pub struct Dice {
    state: u64,
}

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    pub fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}
