//! A tracer whose spans are recorded behind a lock, so that whoever finishes first takes the record with him.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::{Arc, Mutex};
use std::thread;

use crate::{Clock, Exporter, IdSource, RecordedError, SpanContext, SpanData, SpanKind, Status};

pub struct Tracer {
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    exporter: Arc<dyn Exporter>,
}

pub struct Span {
    context: SpanContext,
    clock: Arc<dyn Clock>,
    exporter: Arc<dyn Exporter>,
    record: Mutex<Option<SpanData>>,
}

impl Tracer {
    pub fn new(clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>, exporter: Arc<dyn Exporter>) -> Self {
        Self { clock, ids, exporter }
    }

    pub fn start(&self, name: &str, kind: SpanKind, parent: Option<SpanContext>) -> Span {
        let mut context = parent.unwrap_or_else(|| SpanContext {
            trace_id: self.ids.trace_id(),
            span_id: self.ids.span_id(),
            sampled: true,
        });
        if parent.is_some() {
            context.span_id = self.ids.span_id();
        }
        let record = SpanData {
            name: String::from(name),
            kind,
            context,
            parent_id: parent.map(|SpanContext { span_id, .. }| span_id),
            start_nanos: self.clock.now_nanos(),
            end_nanos: 0,
            attributes: BTreeMap::default(),
            errors: Vec::default(),
            status: Status::Unset,
        };
        let record = Mutex::new(Some(record));
        Span { context, clock: self.clock.clone(), exporter: self.exporter.clone(), record }
    }

    pub fn in_span<T, E: Display>(
        &self,
        name: &str,
        kind: SpanKind,
        parent: Option<SpanContext>,
        work: impl FnOnce(&mut Span) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut span = self.start(name, kind, parent);
        let result = work(&mut span).inspect_err(|error| span.fail(error));
        span.finish();
        result
    }
}

impl Span {
    pub fn context(&self) -> SpanContext {
        self.context
    }

    pub fn set_attribute(&mut self, key: &str, value: &str) {
        self.write(|record| *record.attributes.entry(key.to_owned()).or_default() = value.to_owned());
    }

    pub fn record_error(&mut self, message: &str) {
        let at_nanos = self.clock.now_nanos();
        self.write(|record| record.errors.push(RecordedError { message: message.to_owned(), at_nanos }));
    }

    pub fn set_status(&mut self, status: Status) {
        let rank = |status: &Status| match status {
            Status::Unset => 0,
            Status::Error(_) => 1,
            Status::Ok => 2,
        };
        self.write(|record| {
            if rank(&status) >= rank(&record.status) {
                record.status = status;
            }
        });
    }

    pub fn finish(self) {
        self.end();
    }

    fn fail(&mut self, error: &impl Display) {
        let message = error.to_string();
        self.record_error(&message);
        self.set_status(Status::Error(message));
    }

    fn write(&self, write: impl FnOnce(&mut SpanData)) {
        if let Some(record) = self.record.lock().expect("no writer panics").as_mut() {
            write(record);
        }
    }

    /// Ends the span if it is still open.
    fn end(&self) {
        let record = self.record.lock().expect("no writer panics").take();
        let Some(mut record) = record.filter(|record| record.context.sampled) else { return };
        record.end_nanos = self.clock.now_nanos();
        self.exporter.export(record);
    }
}

impl Drop for Span {
    fn drop(&mut self) {
        if thread::panicking() {
            self.set_status(Status::Error("the work panicked".to_owned()));
        }
        self.end();
    }
}
