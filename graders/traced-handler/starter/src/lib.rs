//! A tracer that starts and finishes spans, and a request handler whose work those spans describe.

mod handler;
mod model;
mod tracer;

pub use handler::{Backend, CallError, Error, Request, Response, handle};
pub use model::{Clock, Exporter, IdSource, RecordedError, SpanContext, SpanData, SpanId, SpanKind, Status, TraceId};
pub use tracer::{Span, Tracer};
