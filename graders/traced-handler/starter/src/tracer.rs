//! The tracer: starts spans, and sees to it that each is finished and exported once.

use std::fmt::Display;
use std::sync::Arc;

use crate::{Clock, Exporter, IdSource, SpanContext, SpanKind, Status};

/// Starts spans. Threads may share it.
pub struct Tracer {
    // Up to you.
}

/// A span that is not finished yet. It borrows nothing and may move to another thread.
///
/// When it is dropped it is finished, whatever the reason; and if the reason is a panic, its status is an error.
pub struct Span {
    // Up to you.
}

impl Tracer {
    /// A tracer that takes times from `clock` and ids from `ids`, and hands each finished span to `exporter`.
    pub fn new(clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>, exporter: Arc<dyn Exporter>) -> Self {
        todo!("a tracer")
    }

    /// Starts a span below `parent`, or, without one, a span that is the root of a new trace.
    pub fn start(&self, name: &str, kind: SpanKind, parent: Option<SpanContext>) -> Span {
        todo!("start {kind:?} span {name:?} below {parent:?}")
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
        todo!("work in {kind:?} span {name:?} below {parent:?}")
    }
}

impl Span {
    /// What to hand over to those who work for this span. It is good for longer than the span is open.
    pub fn context(&self) -> SpanContext {
        todo!("the context of the span")
    }

    /// Sets an attribute. The last value of a key counts.
    pub fn set_attribute(&mut self, key: &str, value: &str) {
        todo!("set {key:?} to {value:?}")
    }

    /// Records that an error occurred now. Whether the span has failed is for its status to say.
    pub fn record_error(&mut self, message: &str) {
        todo!("record {message:?}")
    }

    /// Says how the work went. `Ok` is final, `Unset` takes nothing back, and of two errors the later one counts.
    pub fn set_status(&mut self, status: Status) {
        todo!("set {status:?}")
    }

    /// Finishes the span: it ends now, and the exporter has it when this returns, unless it is not sampled.
    pub fn finish(self) {
        todo!("finish the span")
    }
}
