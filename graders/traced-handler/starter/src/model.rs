//! The given types: contexts, finished spans, and the parts of a tracer. Don't change this file.

use std::collections::BTreeMap;
use std::num::{NonZeroU64, NonZeroU128};

/// The id that all spans of a trace have in common.
pub type TraceId = NonZeroU128;

/// The id of one span.
pub type SpanId = NonZeroU64;

/// The part of a span that is passed on to other threads and to called services.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpanContext {
    pub trace_id: TraceId,
    pub span_id: SpanId,
    /// Whether spans of this trace are exported. It is decided where the trace begins, and every span of the trace
    /// keeps the decision.
    pub sampled: bool,
}

/// Which side of a call a span describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpanKind {
    /// Handling a request from outside.
    Server,
    /// A call to another service.
    Client,
    /// Work within a service.
    Internal,
}

/// Whether the work of a span succeeded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Status {
    /// Nothing was set. If all goes well, it stays like this.
    #[default]
    Unset,
    /// The work failed, for this reason.
    Error(String),
    /// The application decided that the work succeeded.
    Ok,
}

/// An error that occurred while a span was open. OpenTelemetry records it as an event named `exception`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedError {
    pub message: String,
    pub at_nanos: u64,
}

/// A finished span, as it is exported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpanData {
    pub name: String,
    pub kind: SpanKind,
    pub context: SpanContext,
    /// The parent span. `None` for the root of a trace.
    pub parent_id: Option<SpanId>,
    pub start_nanos: u64,
    pub end_nanos: u64,
    pub attributes: BTreeMap<String, String>,
    /// In the order in which they were recorded.
    pub errors: Vec<RecordedError>,
    pub status: Status,
}

/// The source of times.
pub trait Clock: Send + Sync {
    /// The current time in nanoseconds since the Unix epoch.
    fn now_nanos(&self) -> u64;
}

/// The source of ids. Each call returns a new one.
pub trait IdSource: Send + Sync {
    fn trace_id(&self) -> TraceId;
    fn span_id(&self) -> SpanId;
}

/// The destination of finished spans. It can be called from several threads at once.
pub trait Exporter: Send + Sync {
    fn export(&self, span: SpanData);
}
