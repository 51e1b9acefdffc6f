//! A tracer with a clock that the test moves, ids that the test knows, and an exporter that keeps what it gets. Spans are
//! taken apart into standard types, so that no type of the candidate's is ever compared.

use std::collections::{BTreeMap, BTreeSet};
use std::num::{NonZeroU64, NonZeroU128};
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use traced_handler::{Clock, Exporter, IdSource, Span, SpanContext, SpanData, SpanKind, Status, Tracer};

/// How long a test waits for what must come, before it fails. Nothing that is right ever waits for it to pass.
const PATIENCE: Duration = Duration::from_secs(5);

/// A context in standard types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context {
    pub trace_id: u128,
    pub span_id: u64,
    pub sampled: bool,
}

/// All that a finished span tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub name: String,
    pub kind: &'static str,
    pub context: Context,
    pub parent_id: Option<u64>,
    pub start: u64,
    pub end: u64,
    pub attributes: BTreeMap<String, String>,
    /// Message and time.
    pub errors: Vec<(String, u64)>,
    pub status: Outcome,
}

/// A status in standard types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Unset,
    Error(String),
    Ok,
}

impl Seen {
    pub fn is_error(&self) -> bool {
        matches!(self.status, Outcome::Error(_))
    }
}

pub fn taken_apart(context: SpanContext) -> Context {
    let (trace_id, span_id): (NonZeroU128, NonZeroU64) = (context.trace_id, context.span_id);
    Context { trace_id: trace_id.get(), span_id: span_id.get(), sampled: context.sampled }
}

pub fn context_of(span: &Span) -> SpanContext {
    span.context()
}

fn seen(span: SpanData) -> Seen {
    let parent_id: Option<NonZeroU64> = span.parent_id;
    Seen {
        name: span.name,
        kind: match span.kind {
            SpanKind::Server => "server",
            SpanKind::Client => "client",
            SpanKind::Internal => "internal",
        },
        context: taken_apart(span.context),
        parent_id: parent_id.map(NonZeroU64::get),
        start: span.start_nanos,
        end: span.end_nanos,
        attributes: span.attributes,
        errors: span.errors.into_iter().map(|error| (error.message, error.at_nanos)).collect(),
        status: match span.status {
            Status::Unset => Outcome::Unset,
            Status::Error(message) => Outcome::Error(message),
            Status::Ok => Outcome::Ok,
        },
    }
}

/// A context that came from another service. None of its ids is ever drawn here.
pub fn remote(trace_id: u128, span_id: u64, sampled: bool) -> SpanContext {
    let trace_id = NonZeroU128::new(trace_id).expect("a trace id");
    let span_id = NonZeroU64::new(span_id).expect("a span id");
    SpanContext { trace_id, span_id, sampled }
}

/// A lock that a test which has failed on another thread does not take away.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits until the guarded value is as it must be.
fn wait_until<T>(mutex: &Mutex<T>, changed: &Condvar, what: &str, is_so: impl Fn(&T) -> bool) {
    let waited = changed.wait_timeout_while(lock(mutex), PATIENCE, |value| !is_so(value));
    let (guard, passed) = waited.unwrap_or_else(PoisonError::into_inner);
    drop(guard);
    assert!(!passed.timed_out(), "{what} never happened");
}

/// A number that threads raise and wait for.
#[derive(Default)]
pub struct Count {
    value: Mutex<usize>,
    changed: Condvar,
}

impl Count {
    pub fn raise(&self) {
        *lock(&self.value) += 1;
        self.changed.notify_all();
    }

    pub fn wait_for(&self, value: usize, what: &str) {
        wait_until(&self.value, &self.changed, what, |reached| *reached >= value);
    }

    /// Lets nobody pass before so many are here.
    pub fn meet(&self, number: usize, what: &str) {
        self.raise();
        self.wait_for(number, what);
    }
}

/// Stands still until somebody moves it, or takes one step with each look.
pub struct TestClock {
    now: AtomicU64,
    step: u64,
}

impl TestClock {
    pub fn advance(&self, nanos: u64) {
        self.now.fetch_add(nanos, SeqCst);
    }
}

impl Clock for TestClock {
    fn now_nanos(&self) -> u64 {
        self.now.fetch_add(self.step, SeqCst)
    }
}

/// Counts, so that no id comes twice.
#[derive(Default)]
pub struct TestIds {
    traces: AtomicU64,
    spans: AtomicU64,
}

const FIRST_TRACE: u64 = 0x7ace_0001;
const FIRST_SPAN: u64 = 0x5a_0001;

impl TestIds {
    pub fn drew_trace(&self, id: u128) -> bool {
        let drawn = self.traces.load(SeqCst);
        (FIRST_TRACE..FIRST_TRACE + drawn).any(|known| u128::from(known) == id)
    }

    pub fn drew_span(&self, id: u64) -> bool {
        (FIRST_SPAN..FIRST_SPAN + self.spans.load(SeqCst)).contains(&id)
    }
}

impl IdSource for TestIds {
    fn trace_id(&self) -> NonZeroU128 {
        let id = FIRST_TRACE + self.traces.fetch_add(1, SeqCst);
        NonZeroU128::new(u128::from(id)).expect("ids are not zero")
    }

    fn span_id(&self) -> NonZeroU64 {
        NonZeroU64::new(FIRST_SPAN + self.spans.fetch_add(1, SeqCst)).expect("ids are not zero")
    }
}

/// Keeps spans in the order in which they come.
#[derive(Default)]
pub struct Collector {
    exported: Mutex<Vec<Seen>>,
    came: Condvar,
}

impl Collector {
    pub fn wait_for(&self, number: usize) {
        let enough = |exported: &Vec<Seen>| distinct(exported).len() >= number;
        wait_until(&self.exported, &self.came, "the end of a span", enough);
    }
}

/// What came first of each span. Whether it came twice is for one test to look at, and not for all.
fn distinct(exported: &[Seen]) -> Vec<Seen> {
    let mut ids = BTreeSet::new();
    exported.iter().filter(|span| ids.insert(span.context.span_id)).cloned().collect()
}

impl Exporter for Collector {
    fn export(&self, span: SpanData) {
        lock(&self.exported).push(seen(span));
        self.came.notify_all();
    }
}

/// A tracer and all that it was made with.
pub struct World {
    pub clock: Arc<TestClock>,
    pub ids: Arc<TestIds>,
    pub exporter: Arc<Collector>,
    pub tracer: Tracer,
}

impl World {
    /// With a clock that stands at `now`.
    pub fn at(now: u64) -> Self {
        Self::with_clock(TestClock { now: AtomicU64::new(now), step: 0 })
    }

    /// With a clock of which no two looks are the same.
    pub fn ticking() -> Self {
        Self::with_clock(TestClock { now: AtomicU64::new(1), step: 1 })
    }

    fn with_clock(clock: TestClock) -> Self {
        let (clock, ids, exporter) = (Arc::new(clock), Arc::<TestIds>::default(), Arc::<Collector>::default());
        let tracer = Tracer::new(clock.clone(), ids.clone(), exporter.clone());
        Self { clock, ids, exporter, tracer }
    }

    /// All that was exported.
    pub fn exported(&self) -> Vec<Seen> {
        lock(&self.exporter.exported).clone()
    }

    /// The spans that were exported.
    pub fn spans(&self) -> Vec<Seen> {
        distinct(&self.exported())
    }

    /// The first span of that name.
    pub fn span(&self, name: &str) -> Seen {
        let named = self.spans().into_iter().find(|span| span.name == name);
        named.unwrap_or_else(|| panic!("a span named {name:?}"))
    }
}
