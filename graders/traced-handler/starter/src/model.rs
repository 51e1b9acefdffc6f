//! The given types: contexts, finished spans, and the parts of a tracer. Leave this file as it is.

use std::collections::BTreeMap;
use std::num::{NonZeroU64, NonZeroU128};

/// The id that all spans of a trace have in common.
pub type TraceId = NonZeroU128;

/// The id that a span has for itself.
pub type SpanId = NonZeroU64;

/// The part of a span that is handed over: to other threads, and to services that are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpanContext {
    pub trace_id: TraceId,
    pub span_id: SpanId,
    /// Whether spans of this trace are exported. This is decided where the trace begins and kept by all that join it.
    pub sampled: bool,
}

/// Which side of a call a span describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpanKind {
    /// The handling of a request that came from outside.
    Server,
    /// A call to another service.
    Client,
    /// Work within a service.
    Internal,
}

/// How the work of a span went.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Status {
    /// Nobody said anything. What goes well stays like this.
    #[default]
    Unset,
    /// It failed, and this is why.
    Error(String),
    /// Somebody who knows has decided that it went well.
    Ok,
}

/// An error that occurred while a span was open. OpenTelemetry records it as an event named `exception`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedError {
    pub message: String,
    pub at_nanos: u64,
}

/// All that a finished span tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpanData {
    pub name: String,
    pub kind: SpanKind,
    pub context: SpanContext,
    /// The span that this one works for. `None` if it is the root of its trace.
    pub parent_id: Option<SpanId>,
    pub start_nanos: u64,
    pub end_nanos: u64,
    pub attributes: BTreeMap<String, String>,
    /// In the order in which they were recorded.
    pub errors: Vec<RecordedError>,
    pub status: Status,
}

/// Where times come from.
pub trait Clock: Send + Sync {
    /// Nanoseconds since the Unix epoch.
    fn now_nanos(&self) -> u64;
}

/// Where ids come from: a new one with each call.
pub trait IdSource: Send + Sync {
    fn trace_id(&self) -> TraceId;
    fn span_id(&self) -> SpanId;
}

/// Where finished spans go. May be called from several threads at once.
pub trait Exporter: Send + Sync {
    fn export(&self, span: SpanData);
}
