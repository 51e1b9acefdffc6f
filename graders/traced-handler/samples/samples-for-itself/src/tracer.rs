//! The tracer: starts spans, and sees to it that each is finished and exported once.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::Arc;
use std::thread;

use crate::{Clock, Exporter, IdSource, RecordedError, SpanContext, SpanData, SpanKind, Status};

/// Starts spans. Threads may share it.
pub struct Tracer {
    pipeline: Arc<Pipeline>,
}

/// What a span needs from its tracer, for as long as it is open.
struct Pipeline {
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    exporter: Arc<dyn Exporter>,
}

/// A span that is not finished yet. It borrows nothing and may move to another thread.
///
/// When it is dropped it is finished, whatever the reason; and if the reason is a panic, its status is an error.
pub struct Span {
    pipeline: Arc<Pipeline>,
    data: SpanData,
}

impl Tracer {
    /// A tracer that takes times from `clock` and ids from `ids`, and hands each finished span to `exporter`.
    pub fn new(clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>, exporter: Arc<dyn Exporter>) -> Self {
        Self { pipeline: Arc::new(Pipeline { clock, ids, exporter }) }
    }

    /// Starts a span below `parent`, or, without one, a span that is the root of a new trace.
    pub fn start(&self, name: &str, kind: SpanKind, parent: Option<SpanContext>) -> Span {
        let pipeline = Arc::clone(&self.pipeline);
        let span_id = pipeline.ids.span_id();
        let context = match parent {
            Some(parent) => SpanContext { trace_id: parent.trace_id, span_id, sampled: true },
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

    /// Does `work` in a span of its own, which is finished when the work ends, however it ends. An `Err` is recorded as
    /// an error of the span and makes its status that error. What the work returns is returned as it is, and a panic
    /// goes on.
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
    /// What to hand over to those who work for this span. It is good for longer than the span is open.
    pub fn context(&self) -> SpanContext {
        self.data.context
    }

    /// Sets an attribute. The last value of a key counts.
    pub fn set_attribute(&mut self, key: &str, value: &str) {
        self.data.attributes.insert(key.to_string(), value.to_string());
    }

    /// Records that an error occurred now. Whether the span has failed is for its status to say.
    pub fn record_error(&mut self, message: &str) {
        let at_nanos = self.pipeline.clock.now_nanos();
        self.data.errors.push(RecordedError { message: message.to_string(), at_nanos });
    }

    /// Says how the work went. `Ok` is final, `Unset` takes nothing back, and of two errors the later one counts.
    pub fn set_status(&mut self, status: Status) {
        if self.data.status != Status::Ok && status != Status::Unset {
            self.data.status = status;
        }
    }

    /// Finishes the span: it ends now, and the exporter has it when this returns, unless it is not sampled.
    pub fn finish(self) {
        // Being dropped is the one way out that every span takes, so what there is to do is done there, and only there.
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
