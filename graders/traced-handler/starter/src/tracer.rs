//! The tracer: starts spans and makes sure that each is finished and exported once.

use std::fmt::Display;
use std::sync::Arc;

use crate::{Clock, Exporter, IdSource, SpanContext, SpanKind, Status};

/// Starts spans. Threads can share it.
pub struct Tracer {
    // Up to you.
}

/// A span that isn't finished yet. It borrows nothing and can move to another thread.
///
/// Dropping it finishes it. If it is dropped because of a panic, its status becomes an error.
pub struct Span {
    // Up to you.
}

impl Tracer {
    /// Creates a tracer that takes times from `clock` and ids from `ids`, and passes each finished span to `exporter`.
    pub fn new(clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>, exporter: Arc<dyn Exporter>) -> Self {
        todo!("a tracer")
    }

    /// Starts a span below `parent`. Without a parent, the span is the root of a new trace.
    pub fn start(&self, name: &str, kind: SpanKind, parent: Option<SpanContext>) -> Span {
        todo!("start {kind:?} span {name:?} below {parent:?}")
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
        todo!("work in {kind:?} span {name:?} below {parent:?}")
    }
}

impl Span {
    /// The context to pass on to work that belongs to this span. It stays valid after the span has finished.
    pub fn context(&self) -> SpanContext {
        todo!("the context of the span")
    }

    /// Sets an attribute. If a key is set more than once, the last value counts.
    pub fn set_attribute(&mut self, key: &str, value: &str) {
        todo!("set {key:?} to {value:?}")
    }

    /// Records that an error occurred now. This doesn't change the status.
    pub fn record_error(&mut self, message: &str) {
        todo!("record {message:?}")
    }

    /// Sets the status. `Ok` is final, setting `Unset` has no effect, and of two errors the later one counts.
    pub fn set_status(&mut self, status: Status) {
        todo!("set {status:?}")
    }

    /// Finishes the span: it ends now. If it is sampled, it is exported before this returns.
    pub fn finish(self) {
        todo!("finish the span")
    }
}
