//! What both files of tests share: a store in which other processes write at moments that the test chooses, a service
//! on it whose answers are turned into types of our own, and the rules of a cart, written down a second time.

#![allow(dead_code, reason = "each file of tests uses its part")]

use lost_update_cart::store::{Conflict, Store, Version, Versioned};
use lost_update_cart::{CartError, CartService};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

pub const CART: u64 = 7;
pub const KEY: &str = "cart/7";
pub const ATTEMPTS: usize = 4;

/// Far more calls of the store than any bounded operation makes.
const PATIENCE: usize = 1_000;

/// What an operation answers: a quantity, or why it was refused.
pub type Answer = Result<u32, &'static str>;

/// Products and how many of each, or why there are none.
pub type Lines = Result<Vec<(u64, u32)>, &'static str>;

/// The values that the store holds; any process may write them.
#[derive(Default)]
pub struct Entries {
    held: RefCell<BTreeMap<String, (u64, String)>>,
    writes: Cell<u64>,
}

impl Entries {
    pub fn text(&self, key: &str) -> Option<String> {
        self.held.borrow().get(key).map(|(_, text)| text.clone())
    }

    pub fn version(&self, key: &str) -> Option<u64> {
        self.held.borrow().get(key).map(|(version, _)| *version)
    }

    /// Writes, and returns a version that was never there and does not tell how many came before it.
    pub fn write(&self, key: &str, text: &str) -> u64 {
        self.writes.set(self.writes.get() + 1);
        let version = self.writes.get().wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.held.borrow_mut().insert(key.to_string(), (version, text.to_string()));
        version
    }
}

/// A call that the service makes and that is about to be carried out.
#[derive(Clone, Copy)]
pub struct Call {
    /// Counted from one since [`Shop::meanwhile`].
    pub number: usize,
    pub writes: bool,
}

type Others = Box<dyn FnMut(Call, &Entries)>;

#[derive(Default)]
struct Shared {
    entries: Entries,
    others: RefCell<Option<Others>>,
    calls: Cell<usize>,
    attempts: Cell<usize>,
}

/// The handle that the service gets.
#[derive(Clone, Default)]
pub struct SharedStore(Rc<Shared>);

impl SharedStore {
    /// Lets the other processes act, then gives what is to be acted on.
    fn entries(&self, writes: bool) -> &Entries {
        let number = self.0.calls.get() + 1;
        assert!(number < PATIENCE, "there is no end to the calls");
        self.0.calls.set(number);
        if writes {
            self.0.attempts.set(self.0.attempts.get() + 1);
        }
        if let Some(others) = self.0.others.borrow_mut().as_mut() {
            others(Call { number, writes }, &self.0.entries);
        }
        &self.0.entries
    }
}

impl Store for SharedStore {
    fn get(&self, key: &str) -> Option<Versioned> {
        let entries = self.entries(false);
        let version = Version(entries.version(key)?);
        Some(Versioned { version, value: entries.text(key)? })
    }

    fn put(&self, key: &str, value: String) {
        self.entries(true).write(key, &value);
    }

    fn compare_and_set(&self, key: &str, expected: Option<Version>, value: String) -> Result<Version, Conflict> {
        let entries = self.entries(true);
        let found = entries.version(key);
        if found == expected.map(|version| version.0) {
            Ok(Version(entries.write(key, &value)))
        } else {
            Err(Conflict { found: found.map(Version) })
        }
    }
}

/// A service, and the store under it.
pub struct Shop {
    store: SharedStore,
    service: CartService<SharedStore>,
}

impl Shop {
    /// A store in which nothing was ever written.
    pub fn new() -> Self {
        let store = SharedStore::default();
        Self { service: CartService::new(store.clone()), store }
    }

    /// A store that holds this cart.
    pub fn holding(text: &str) -> Self {
        let shop = Self::new();
        shop.entries().write(KEY, text);
        shop
    }

    pub fn entries(&self) -> &Entries {
        &self.store.0.entries
    }

    /// What is stored of the cart.
    pub fn stored(&self) -> Option<String> {
        self.entries().text(KEY)
    }

    /// How often the service has tried to write since [`Shop::meanwhile`].
    pub fn attempts(&self) -> usize {
        self.store.0.attempts.get()
    }

    /// What the other processes do right before each call of the service, from now on.
    pub fn meanwhile(&self, others: impl FnMut(Call, &Entries) + 'static) {
        self.store.0.calls.set(0);
        self.store.0.attempts.set(0);
        *self.store.0.others.borrow_mut() = Some(Box::new(others));
    }

    /// Before each of the service's next writes, another process writes the next of these texts.
    pub fn before_writes<const N: usize>(&self, texts: [&'static str; N]) {
        let mut texts = VecDeque::from(texts);
        self.meanwhile(move |call, entries| {
            if call.writes
                && let Some(text) = texts.pop_front()
            {
                entries.write(KEY, text);
            }
        });
    }

    pub fn add(&self, product: u64, quantity: u32) -> Answer {
        self.service.add(CART, product, quantity).map_err(reason)
    }

    pub fn change(&self, product: u64, quantity: u32) -> Answer {
        self.service.change(CART, product, quantity).map_err(reason)
    }

    pub fn remove(&self, product: u64) -> Answer {
        self.service.remove(CART, product).map_err(reason)
    }

    pub fn check_out(&self) -> Lines {
        self.service.check_out(CART).map(lines).map_err(reason)
    }

    pub fn contents(&self) -> Lines {
        self.contents_of(CART)
    }

    pub fn contents_of(&self, cart: u64) -> Lines {
        self.service.contents(cart).map(lines).map_err(reason)
    }

    pub fn add_to(&self, cart: u64, product: u64, quantity: u32) -> Answer {
        self.service.add(cart, product, quantity).map_err(reason)
    }

    pub fn run(&self, operation: Operation) -> Outcome {
        match operation {
            Operation::Add(product, quantity) => self.add(product, quantity).into(),
            Operation::Change(product, quantity) => self.change(product, quantity).into(),
            Operation::Remove(product) => self.remove(product).into(),
            Operation::CheckOut => self.check_out().into(),
        }
    }
}

fn lines(lines: BTreeMap<u64, u32>) -> Vec<(u64, u32)> {
    lines.into_iter().collect()
}

fn reason(error: CartError) -> &'static str {
    #[allow(unreachable_patterns, reason = "unless the candidate adds errors")]
    match error {
        CartError::NoQuantity => "no quantity",
        CartError::Unreadable => "unreadable",
        CartError::CheckedOut => "checked out",
        CartError::NotInCart => "not in cart",
        CartError::TooMany => "too many",
        CartError::Full => "full",
        CartError::Empty => "empty",
        CartError::Contended => "contended",
        _ => "an error that the starter does not have",
    }
}

/// Something that is done to the cart.
#[derive(Debug, Clone, Copy)]
pub enum Operation {
    Add(u64, u32),
    Change(u64, u32),
    Remove(u64),
    CheckOut,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Quantity(u32),
    Order(Vec<(u64, u32)>),
    Refused(&'static str),
}

impl From<Answer> for Outcome {
    fn from(answer: Answer) -> Self {
        answer.map_or_else(Self::Refused, Self::Quantity)
    }
}

impl From<Lines> for Outcome {
    fn from(lines: Lines) -> Self {
        lines.map_or_else(Self::Refused, Self::Order)
    }
}

/// The rules of a cart, for one at a time: what comes of the operation, and what is stored then.
pub fn by_the_rules(operation: Operation, stored: Option<&str>) -> (Outcome, Option<String>) {
    let mut lines = stored.map_or_else(Vec::new, read);
    match decide(operation, stored.is_some_and(|text| text.starts_with("ordered")), &mut lines) {
        Ok(outcome) => {
            let status = if matches!(operation, Operation::CheckOut) { "ordered" } else { "open" };
            (outcome, Some(written(status, &lines)))
        }
        Err(reason) => (Outcome::Refused(reason), stored.map(String::from)),
    }
}

fn decide(operation: Operation, ordered: bool, lines: &mut Vec<(u64, u32)>) -> Result<Outcome, &'static str> {
    let found = |lines: &[(u64, u32)], product| lines.iter().position(|(held, _)| *held == product);
    match operation {
        Operation::Add(_, 0) => Err("no quantity"),
        _ if ordered => Err("checked out"),
        Operation::Add(product, quantity) => {
            let index = found(lines, product);
            let total = index.map_or(0, |index| lines[index].1).saturating_add(quantity);
            match index {
                _ if total > 10 => return Err("too many"),
                Some(index) => lines[index].1 = total,
                None if lines.len() == 8 => return Err("full"),
                None => lines.push((product, total)),
            }
            Ok(Outcome::Quantity(total))
        }
        Operation::Change(product, quantity) => {
            let index = found(lines, product).ok_or("not in cart")?;
            match quantity {
                0 => Ok(Outcome::Quantity(lines.remove(index).1)),
                1..=10 => Ok(Outcome::Quantity(std::mem::replace(&mut lines[index].1, quantity))),
                _ => Err("too many"),
            }
        }
        Operation::Remove(product) => decide(Operation::Change(product, 0), ordered, lines),
        Operation::CheckOut if lines.is_empty() => Err("empty"),
        Operation::CheckOut => Ok(Outcome::Order(lines.clone())),
    }
}

fn read(text: &str) -> Vec<(u64, u32)> {
    let line = |word: &str| {
        let (product, quantity) = word.split_once('x').expect("a line of a cart");
        (product.parse().expect("a product"), quantity.parse().expect("a quantity"))
    };
    text.split(' ').skip(1).map(line).collect()
}

fn written(status: &str, lines: &[(u64, u32)]) -> String {
    let mut lines = lines.to_vec();
    lines.sort_unstable();
    let words = lines.iter().map(|(product, quantity)| format!(" {product}x{quantity}"));
    status.to_string() + &words.collect::<String>()
}
