//! A tracer that keeps all open spans in one table; a span is a key to it.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use crate::{Clock, Exporter, IdSource, RecordedError, SpanContext, SpanData, SpanId, SpanKind, Status};

#[derive(Clone)]
pub struct Tracer(Arc<Inner>);

struct Inner {
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    exporter: Arc<dyn Exporter>,
    open: Mutex<HashMap<SpanId, SpanData>>,
}

pub struct Span {
    tracer: Tracer,
    context: SpanContext,
}

impl Tracer {
    pub fn new(clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>, exporter: Arc<dyn Exporter>) -> Self {
        Tracer(Arc::new(Inner { clock, ids, exporter, open: Mutex::default() }))
    }

    pub fn start(&self, name: &str, kind: SpanKind, parent: Option<SpanContext>) -> Span {
        let span_id = self.0.ids.span_id();
        let trace_id = parent.map_or_else(|| self.0.ids.trace_id(), |parent| parent.trace_id);
        let sampled = parent.is_none_or(|parent| parent.sampled);
        let context = SpanContext { trace_id, span_id, sampled };
        if sampled {
            let now = self.0.clock.now_nanos();
            let data = SpanData {
                name: name.into(),
                kind,
                context,
                parent_id: parent.map(|parent| parent.span_id),
                start_nanos: now,
                end_nanos: now,
                attributes: BTreeMap::new(),
                errors: vec![],
                status: Status::default(),
            };
            self.open(|open| open.insert(span_id, data));
        }
        Span { tracer: self.clone(), context }
    }

    pub fn in_span<T, E: Display>(
        &self,
        name: &str,
        kind: SpanKind,
        parent: Option<SpanContext>,
        work: impl FnOnce(&mut Span) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut span = self.start(name, kind, parent);
        match catch_unwind(AssertUnwindSafe(|| work(&mut span))) {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => {
                span.record_error(&error.to_string());
                span.set_status(Status::Error(error.to_string()));
                Err(error)
            }
            Err(panic) => {
                span.set_status(Status::Error("panic".into()));
                drop(span);
                resume_unwind(panic)
            }
        }
    }

    fn open<R>(&self, look: impl FnOnce(&mut HashMap<SpanId, SpanData>) -> R) -> R {
        look(&mut self.0.open.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Span {
    pub fn context(&self) -> SpanContext {
        self.context
    }

    pub fn set_attribute(&mut self, key: &str, value: &str) {
        self.change(|data| {
            data.attributes.insert(key.into(), value.into());
        });
    }

    pub fn record_error(&mut self, message: &str) {
        let error = RecordedError { message: message.into(), at_nanos: self.tracer.0.clock.now_nanos() };
        self.change(|data| data.errors.push(error));
    }

    pub fn set_status(&mut self, status: Status) {
        self.change(|data| match (&data.status, status) {
            (Status::Ok, _) | (_, Status::Unset) => {}
            (_, status) => data.status = status,
        });
    }

    pub fn finish(self) {}

    fn change(&mut self, change: impl FnOnce(&mut SpanData)) {
        self.tracer.open(|open| open.get_mut(&self.context.span_id).map(change));
    }
}

impl Drop for Span {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.set_status(Status::Error("panic".into()));
        }
        let finished = self.tracer.open(|open| open.remove(&self.context.span_id));
        if let Some(data) = finished {
            let end_nanos = self.tracer.0.clock.now_nanos();
            self.tracer.0.exporter.export(SpanData { end_nanos, ..data });
        }
    }
}
