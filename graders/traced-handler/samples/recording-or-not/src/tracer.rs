//! A tracer with two sorts of spans: those that record, and those of unsampled traces, which only know who they are.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::Arc;

use crate::{Clock, Exporter, IdSource, RecordedError, SpanContext, SpanData, SpanId, SpanKind, Status};

pub struct Tracer {
    ids: Arc<dyn IdSource>,
    output: Output,
}

#[derive(Clone)]
struct Output {
    clock: Arc<dyn Clock>,
    exporter: Arc<dyn Exporter>,
}

pub struct Span {
    context: SpanContext,
    recording: Option<Box<Recording>>,
}

struct Recording {
    output: Output,
    name: String,
    kind: SpanKind,
    parent_id: Option<SpanId>,
    start_nanos: u64,
    attributes: BTreeMap<String, String>,
    errors: Vec<RecordedError>,
    failure: Option<String>,
    confirmed: bool,
}

impl Tracer {
    pub fn new(clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>, exporter: Arc<dyn Exporter>) -> Self {
        Self { ids, output: Output { clock, exporter } }
    }

    pub fn start(&self, name: &str, kind: SpanKind, parent: Option<SpanContext>) -> Span {
        let (trace_id, sampled) = match parent {
            Some(SpanContext { trace_id, sampled, .. }) => (trace_id, sampled),
            None => (self.ids.trace_id(), true),
        };
        let context = SpanContext { trace_id, span_id: self.ids.span_id(), sampled };
        let recording = sampled.then(|| {
            Box::new(Recording {
                output: self.output.clone(),
                name: name.to_string(),
                kind,
                parent_id: parent.map(|parent| parent.span_id),
                start_nanos: self.output.clock.now_nanos(),
                attributes: BTreeMap::new(),
                errors: Vec::new(),
                failure: None,
                confirmed: false,
            })
        });
        Span { context, recording }
    }

    pub fn in_span<T, E: Display>(
        &self,
        name: &str,
        kind: SpanKind,
        parent: Option<SpanContext>,
        work: impl FnOnce(&mut Span) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut span = self.start(name, kind, parent);
        match work(&mut span) {
            Ok(value) => Ok(value),
            Err(error) => {
                span.record_error(&error.to_string());
                span.set_status(Status::Error(error.to_string()));
                Err(error)
            }
        }
    }
}

impl Span {
    pub fn context(&self) -> SpanContext {
        self.context
    }

    pub fn set_attribute(&mut self, key: &str, value: &str) {
        if let Some(recording) = &mut self.recording {
            recording.attributes.insert(key.to_string(), value.to_string());
        }
    }

    pub fn record_error(&mut self, message: &str) {
        if let Some(recording) = &mut self.recording {
            let at_nanos = recording.output.clock.now_nanos();
            recording.errors.push(RecordedError { message: message.to_string(), at_nanos });
        }
    }

    pub fn set_status(&mut self, status: Status) {
        let Some(recording) = &mut self.recording else { return };
        match status {
            Status::Unset => {}
            Status::Error(message) => recording.failure = Some(message),
            Status::Ok => recording.confirmed = true,
        }
    }

    pub fn finish(mut self) {
        self.end();
    }

    /// Ends the recording, if there still is one.
    fn end(&mut self) {
        let Some(recording) = self.recording.take() else { return };
        let Recording { output, name, kind, parent_id, start_nanos, attributes, errors, failure, confirmed } =
            *recording;
        let status = match failure {
            _ if confirmed => Status::Ok,
            Some(message) => Status::Error(message),
            None => Status::Unset,
        };
        let (context, end_nanos) = (self.context, output.clock.now_nanos());
        let span = SpanData { name, kind, context, parent_id, start_nanos, end_nanos, attributes, errors, status };
        output.exporter.export(span);
    }
}

impl Drop for Span {
    fn drop(&mut self) {
        if std::thread::panicking() && self.recording.is_some() {
            self.set_status(Status::Error("unwound".to_string()));
        }
        self.end();
    }
}
