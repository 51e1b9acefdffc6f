//! The public tests are a start. The hidden tests check more.

use std::num::{NonZeroU64, NonZeroU128, ParseIntError};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

use traced_handler::{
    Backend, CallError, Clock, Error, Exporter, IdSource, Request, Response, Span, SpanContext, SpanData, SpanId,
    SpanKind, Status, TraceId, Tracer, handle,
};

/// A clock, a source of ids and an exporter in one. The clock advances by one each time it is read.
#[derive(Default)]
struct Recorder {
    time: AtomicU64,
    ids: AtomicU64,
    spans: Mutex<Vec<SpanData>>,
}

impl Clock for Recorder {
    fn now_nanos(&self) -> u64 {
        self.time.fetch_add(1, Relaxed)
    }
}

impl IdSource for Recorder {
    fn trace_id(&self) -> TraceId {
        NonZeroU128::from(self.span_id())
    }

    fn span_id(&self) -> SpanId {
        NonZeroU64::new(1 + self.ids.fetch_add(1, Relaxed)).unwrap()
    }
}

impl Exporter for Recorder {
    fn export(&self, span: SpanData) {
        self.spans.lock().unwrap().push(span);
    }
}

impl Recorder {
    fn tracer(self: &Arc<Self>) -> Tracer {
        Tracer::new(self.clone(), self.clone(), self.clone())
    }

    /// The finished spans, as pairs of their own name and their parent's name.
    fn tree(&self) -> Vec<(String, Option<String>)> {
        let spans = self.spans.lock().unwrap();
        let name = |id: SpanId| spans.iter().find(|span| span.context.span_id == id).map(|span| span.name.clone());
        spans.iter().map(|span| (span.name.clone(), span.parent_id.and_then(name))).collect()
    }
}

/// A backend with two items and no suggestions.
struct Shop;

impl Backend for Shop {
    fn items(&self, order: u64, _context: SpanContext) -> Result<Vec<u64>, CallError> {
        if order == 7 { Ok(vec![2, 1]) } else { Err(CallError::NotFound) }
    }

    fn price(&self, item: u64, _context: SpanContext) -> Result<u64, CallError> {
        Ok(100 * item)
    }

    fn suggestion(&self, _order: u64, _context: SpanContext) -> Result<u64, CallError> {
        Err(CallError::Unavailable)
    }
}

/// Compiles only if the type can move between threads.
fn assert_send<T: Send>(_: &T) {}

#[test]
fn a_child_belongs_to_its_parent() {
    let recorder = Arc::<Recorder>::default();
    let tracer = recorder.tracer();
    let parent: Span = tracer.start("parent", SpanKind::Server, None);
    assert_send(&parent);
    let context: SpanContext = parent.context();
    std::thread::scope(|scope| scope.spawn(|| tracer.start("child", SpanKind::Client, Some(context)).finish()).join())
        .unwrap();
    parent.finish();

    assert_eq!(recorder.tree(), [("child".into(), Some("parent".into())), ("parent".into(), None)]);
    let spans = recorder.spans.lock().unwrap();
    assert_eq!(spans[0].context.trace_id, spans[1].context.trace_id);
    assert!(spans[1].start_nanos < spans[0].start_nanos && spans[0].end_nanos < spans[1].end_nanos);
}

#[test]
fn a_span_is_finished_when_its_work_fails() {
    let recorder = Arc::<Recorder>::default();
    let answer: Result<u32, ParseIntError> =
        recorder.tracer().in_span("parse", SpanKind::Internal, None, |_| Ok(1 + "x".parse::<u32>()?));
    let message = answer.unwrap_err().to_string();
    let spans = recorder.spans.lock().unwrap();
    assert_eq!(spans.len(), 1);
    assert_eq!(spans[0].status, Status::Error(message));
}

#[test]
fn an_order_is_answered() {
    let recorder = Arc::<Recorder>::default();
    let answer = handle(&Request { order: 7, parent: None }, &recorder.tracer(), &Shop);
    assert_eq!(answer, Ok(Response { lines: vec![(2, 200), (1, 100)], suggestion: None }));

    let server = Some("GET /orders/{order}".to_string());
    let mut tree = recorder.tree();
    tree.sort();
    assert_eq!(
        tree,
        [
            ("GET /orders/{order}".into(), None),
            ("GET /orders/{order}/items".into(), server.clone()),
            ("GET /prices/{item}".into(), server.clone()),
            ("GET /prices/{item}".into(), server.clone()),
            ("GET /suggestions/{order}".into(), server),
        ]
    );
}

#[test]
fn an_order_that_does_not_exist_is_no_failure_of_ours() {
    let recorder = Arc::<Recorder>::default();
    let answer = handle(&Request { order: 8, parent: None }, &recorder.tracer(), &Shop);
    assert_eq!(answer, Err(Error::NotFound));
    let spans = recorder.spans.lock().unwrap();
    let statuses: Vec<_> = spans.iter().map(|span| (span.kind, span.status != Status::Unset)).collect();
    assert_eq!(statuses, [(SpanKind::Client, true), (SpanKind::Server, false)]);
}
