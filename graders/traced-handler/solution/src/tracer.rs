//! The tracer: starts spans and makes sure that each is finished and exported once.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::Arc;
use std::thread;

use crate::{Clock, Exporter, IdSource, RecordedError, SpanContext, SpanData, SpanKind, Status};

/// Starts spans. Threads can share it.
pub struct Tracer {
    pipeline: Arc<Pipeline>,
}

/// What an open span needs from its tracer.
struct Pipeline {
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    exporter: Arc<dyn Exporter>,
}

/// A span that isn't finished yet. It borrows nothing and can move to another thread.
///
/// Dropping it finishes it. If it is dropped because of a panic, its status becomes an error.
pub struct Span {
    pipeline: Arc<Pipeline>,
    data: SpanData,
}

impl Tracer {
    /// Creates a tracer that takes times from `clock` and ids from `ids`, and passes each finished span to `exporter`.
    pub fn new(clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>, exporter: Arc<dyn Exporter>) -> Self {
        Self { pipeline: Arc::new(Pipeline { clock, ids, exporter }) }
    }

    /// Starts a span below `parent`. Without a parent, the span is the root of a new trace.
    pub fn start(&self, name: &str, kind: SpanKind, parent: Option<SpanContext>) -> Span {
        let pipeline = Arc::clone(&self.pipeline);
        let span_id = pipeline.ids.span_id();
        let context = match parent {
            Some(parent) => SpanContext { span_id, ..parent },
            None => SpanContext { trace_id: pipeline.ids.trace_id(), span_id, sampled: true },
        };
        let start_nanos = pipeline.clock.now_nanos();
        let data = SpanData {
            name: name.to_string(),
            kind,
            context,
            parent_id: parent.map(|parent| parent.span_id),
            start_nanos,
            end_nanos: start_nanos,
            attributes: BTreeMap::new(),
            errors: Vec::new(),
            status: Status::Unset,
        };
        Span { pipeline, data }
    }

    /// Does `work` in a new span, which is finished when the work ends in any way. An `Err` is recorded as an error and
    /// becomes the description of the status. The result of the work is returned unchanged, and a panic continues.
    pub fn in_span<T, E: Display>(
        &self,
        name: &str,
        kind: SpanKind,
        parent: Option<SpanContext>,
        work: impl FnOnce(&mut Span) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut span = self.start(name, kind, parent);
        let result = work(&mut span);
        if let Err(error) = &result {
            let message = error.to_string();
            span.record_error(&message);
            span.set_status(Status::Error(message));
        }
        span.finish();
        result
    }
}

impl Span {
    /// The context to pass on to work that belongs to this span. It stays valid after the span has finished.
    pub fn context(&self) -> SpanContext {
        self.data.context
    }

    /// Sets an attribute. If a key is set more than once, the last value counts.
    pub fn set_attribute(&mut self, key: &str, value: &str) {
        self.data.attributes.insert(key.to_string(), value.to_string());
    }

    /// Records that an error occurred now. This doesn't change the status.
    pub fn record_error(&mut self, message: &str) {
        let at_nanos = self.pipeline.clock.now_nanos();
        self.data.errors.push(RecordedError { message: message.to_string(), at_nanos });
    }

    /// Sets the status. `Ok` is final, setting `Unset` has no effect, and of two errors the later one counts.
    pub fn set_status(&mut self, status: Status) {
        if self.data.status != Status::Ok && status != Status::Unset {
            self.data.status = status;
        }
    }

    /// Finishes the span: it ends now. If it is sampled, it is exported before this returns.
    pub fn finish(self) {
        // Every span is dropped in the end, so all the work of finishing is in `drop`, and only there.
        drop(self);
    }
}

impl Drop for Span {
    fn drop(&mut self) {
        if thread::panicking() {
            self.set_status(Status::Error("panicked".to_string()));
        }
        self.data.end_nanos = self.pipeline.clock.now_nanos();
        if self.data.context.sampled {
            self.pipeline.exporter.export(self.data.clone());
        }
    }
}
