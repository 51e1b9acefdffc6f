//! Logs, traces and metrics of the service itself.
//!
//! One `tracing` subscriber writes the log and, where an endpoint is configured, sends spans by OTLP. A trace is carried
//! across processes as a `traceparent` (W3C Trace Context): in from a request, onto a submission, out to a worker.

use std::collections::HashMap;
use std::sync::OnceLock;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use opentelemetry::Context;
use opentelemetry::propagation::TextMapPropagator as _;
use opentelemetry::trace::{TraceContextExt as _, TracerProvider as _};
use opentelemetry_otlp::WithExportConfig as _;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, Registry};

use crate::config::{Config, LogFormat};
use crate::terminal;

/// Upper bounds of the buckets of every duration, in seconds.
const SECONDS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];

static METRICS: OnceLock<PrometheusHandle> = OnceLock::new();

/// Keeps telemetry going; what is left is sent when it is dropped.
pub(crate) struct Telemetry(SdkTracerProvider);

impl Drop for Telemetry {
    fn drop(&mut self) {
        // Nothing is left to report a failure to.
        let _ = self.0.shutdown();
    }
}

/// Starts logging, tracing and counting, once for the process.
///
/// # Errors
/// When the filter or the endpoint can't be understood, or telemetry was started before.
pub(crate) fn start(config: &Config) -> Result<Telemetry, Box<dyn std::error::Error + Send + Sync>> {
    let provider = tracer_provider(config.otlp_endpoint.as_deref())?;
    let spans = tracing_opentelemetry::layer().with_tracer(provider.tracer("quorate"));
    let filter = EnvFilter::try_new(&config.log)?;
    let log = tracing_subscriber::fmt::layer().with_writer(|| terminal::Log).with_ansi(terminal::is_there());
    let log = match config.log_format {
        LogFormat::Text => log.compact().with_target(false).boxed(),
        LogFormat::Json => log.json().flatten_event(true).boxed(),
    };
    Registry::default().with(filter).with(spans).with(log).try_init()?;
    start_metrics()?;
    Ok(Telemetry(provider))
}

fn tracer_provider(endpoint: Option<&str>) -> Result<SdkTracerProvider, Box<dyn std::error::Error + Send + Sync>> {
    let builder = SdkTracerProvider::builder().with_resource(Resource::builder().with_service_name("quorate").build());
    let Some(endpoint) = endpoint else { return Ok(builder.build()) };
    let exporter = opentelemetry_otlp::SpanExporter::builder()
        .with_http()
        .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
        .build()?;
    Ok(builder.with_batch_exporter(exporter).build())
}

/// Starts counting alone, once for the process.
///
/// # Errors
/// When counting was started before.
pub(crate) fn start_metrics() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), SECONDS)?
        .install_recorder()?;
    // A second start was refused above.
    let _ = METRICS.set(handle);
    Ok(())
}

/// Everything that this process counts, in the Prometheus text format.
#[must_use]
pub(crate) fn metrics() -> String {
    METRICS.get().map(PrometheusHandle::render).unwrap_or_default()
}

/// Gives what has been measured to its buckets; to be called now and then, so that it does not pile up.
pub(crate) fn tidy() {
    if let Some(handle) = METRICS.get() {
        handle.run_upkeep();
    }
}

/// Makes `span` a child of the trace that `traceparent` names, if it names one: for what this service wrote down itself.
pub(crate) fn continue_trace(span: &Span, traceparent: Option<&str>) {
    let Some(context) = traceparent.map(context_of) else { return };
    // A span that nothing records has no parent to set.
    let _ = span.set_parent(context);
}

/// Links `span` to the trace that a caller names. A caller must not choose the id under which a trace is kept, nor whether it is
/// kept, so the span begins a trace of its own.
pub(crate) fn link_trace(span: &Span, traceparent: Option<&str>) {
    if let Some(context) = traceparent.map(context_of) {
        span.add_link(context.span().span_context().clone());
    }
}

fn context_of(traceparent: &str) -> Context {
    let carrier = HashMap::from([("traceparent".to_owned(), traceparent.to_owned())]);
    TraceContextPropagator::new().extract(&carrier)
}

/// The `traceparent` of the current span, to be carried elsewhere.
#[must_use]
pub(crate) fn traceparent() -> Option<String> {
    let mut carrier = HashMap::new();
    TraceContextPropagator::new().inject_context(&Span::current().context(), &mut carrier);
    carrier.remove("traceparent")
}
