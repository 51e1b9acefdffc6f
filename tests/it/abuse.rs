//! Odd bytes and odd JSON, thrown at every call that the OpenAPI document names: always an answer, and a problem when it
//! is a refusal, never a failure of ours. What is thrown is the same in every run.

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, RequestBuilder};
use serde_json::{Map, Value, json};

use crate::support::{Answer, Ask as _, Backend, Client, Database, Fixture, TestApp, for_each_database};

for_each_database![odd_bodies_are_refused, odd_paths_and_queries_are_refused, odd_headers_are_refused,];

/// Bodies of each sort for each call.
const BODIES: usize = 12;
/// Addresses for each call.
const ADDRESSES: usize = 12;

/// The service with the small bank and an attempt that is under way, so that odd things reach far.
struct Open {
    app: TestApp,
    attempt: String,
    person: crate::support::Person,
}

impl Fixture for Open {
    async fn on(backend: Backend) -> Self {
        let folder = "tests/fixtures/bank".into();
        let app = TestApp::with(Database::migrated(backend), |settings| settings.questions = Some(vec![folder]));
        let person = app.person("Ada").await;
        let attempt = person.post("/api/v1/sets/timed/attempts", json!({})).await.ok(201);
        Self { app, attempt: attempt["id"].as_str().unwrap().to_owned(), person }
    }
}

/// One call of the document.
struct Call {
    method: Method,
    path: String,
    content_types: Vec<String>,
    /// Names of fields, for bodies that nearly fit.
    fields: Vec<String>,
}

fn calls() -> Vec<Call> {
    let document = serde_json::to_value(quorate::web::openapi::document()).unwrap();
    let mut calls = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, call) in methods.as_object().unwrap() {
            let content = call["requestBody"]["content"].as_object();
            calls.push(Call {
                method: method.to_uppercase().parse().unwrap(),
                path: path.clone(),
                content_types: content.map(|content| content.keys().cloned().collect()).unwrap_or_default(),
                fields: fields(&document, call),
            });
        }
    }
    assert!(calls.len() > 10);
    calls
}

fn fields(document: &Value, call: &Value) -> Vec<String> {
    let schema = &call["requestBody"]["content"]["application/json"]["schema"];
    let name = schema["$ref"].as_str().and_then(|name| name.rsplit('/').next()).unwrap_or_default();
    let properties = document["components"]["schemas"][name]["properties"].as_object();
    properties.map(|properties| properties.keys().cloned().collect()).unwrap_or_default()
}

impl Open {
    /// The address of a call with fitting values in its path.
    fn fitting(&self, path: &str) -> String {
        let values = [
            ("{set}", "timed"),
            ("{id}", &self.attempt),
            ("{position}", "1"),
            ("{topic}", "demo"),
            ("{slug}", "choice"),
        ];
        values.iter().fold(path.to_owned(), |path, (name, value)| path.replace(name, value))
    }

    /// Asks as a person and as nobody, and looks at both answers.
    async fn ask(
        &self,
        what: &str,
        make: impl Fn(&dyn Fn(Method, &str) -> RequestBuilder) -> RequestBuilder,
    ) -> [Answer; 2] {
        let anonymous = self.app.anonymous();
        let answers = [
            make(&|method, path| self.person.request(method, path)).answer().await,
            make(&|method, path| anonymous.request(method, path)).answer().await,
        ];
        for answer in &answers {
            assert!(answer.status < 500, "{what}: {} {}", answer.status, answer.text());
            if answer.status >= 400 {
                let problem: Value =
                    serde_json::from_slice(&answer.body).unwrap_or_else(|_| panic!("{what}: {}", answer.text()));
                answer.refused(answer.status, problem["code"].as_str().unwrap());
            }
        }
        answers
    }
}

/// So many values, the same in every run.
fn some<T: std::fmt::Debug>(strategy: impl Strategy<Value = T>, count: usize) -> Vec<T> {
    let mut runner = TestRunner::deterministic();
    (0..count).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
}

fn odd_text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[a-z_]{0,12}",
        Just("\0".to_owned()),
        Just("\u{202e}\u{feff}\u{1f600}".to_owned()),
        Just("x".repeat(70_000)),
        Just("'; DROP TABLE users; --".to_owned()),
        Just("../../etc/passwd".to_owned()),
    ]
}

fn odd_json(fields: &[String]) -> impl Strategy<Value = Value> + use<> {
    let known = prop::sample::select(fields.iter().cloned().chain(["answer".into(), "x".into()]).collect::<Vec<_>>());
    let number = prop_oneof![
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from)
    ];
    let leaf =
        prop_oneof![Just(Value::Null), any::<bool>().prop_map(Value::from), number, odd_text().prop_map(Value::from)];
    leaf.prop_recursive(4, 24, 4, move |inner| {
        let object = prop::collection::vec((known.clone(), inner.clone()), 0..5);
        prop_oneof![
            1 => prop::collection::vec(inner, 0..4).prop_map(Value::from),
            4 => object.prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

async fn odd_bodies_are_refused(open: Open) {
    for call in calls().iter().filter(|call| call.method == Method::POST || call.method == Method::PUT) {
        let path = open.fitting(&call.path);
        let bytes = some(prop::collection::vec(any::<u8>(), 0..200), BODIES).into_iter();
        let json = some(odd_json(&call.fields), BODIES * 4).into_iter().map(|value| value.to_string().into_bytes());
        let types = call.content_types.iter().map(String::as_str).chain(["text/html"]);
        for (kind, body) in types.flat_map(|kind| bytes.clone().chain(json.clone()).map(move |body| (kind, body))) {
            let what = format!(
                "{} {path} with {kind} {}",
                call.method,
                String::from_utf8_lossy(&body[..body.len().min(2000)])
            );
            let answers = open
                .ask(&what, |request| request(call.method.clone(), &path).header(CONTENT_TYPE, kind).body(body.clone()))
                .await;
            let is_json = serde_json::from_slice::<Value>(&body).is_ok();
            let must_refuse = !call.content_types.is_empty() && (kind == "text/html" || !is_json);
            assert!(!must_refuse || answers.iter().all(|answer| answer.status >= 400), "{what} is taken");
        }
    }
}

async fn odd_paths_and_queries_are_refused(open: Open) {
    let escape = |text: String| text.bytes().take(300).map(|byte| format!("%{byte:02x}")).collect::<String>();
    let segments: Vec<_> = some(odd_text(), ADDRESSES).into_iter().map(escape).collect();
    let names = ["limit", "cursor", "seed", "wait", "mode", "attempt", "position", "topic", "kind", "x"];
    let parameter = regex::Regex::new(r"\{\w+\}").unwrap();
    for call in calls().iter().filter(|call| call.method == Method::GET) {
        for (index, segment) in segments.iter().enumerate() {
            let path = parameter.replace_all(&call.path, segment.as_str()).into_owned();
            let query = format!("{}?{}={segment}", open.fitting(&call.path), names[index % names.len()]);
            for path in [path, query] {
                open.ask(&format!("{} {path}", call.method), |request| request(call.method.clone(), &path)).await;
            }
        }
    }
}

async fn odd_headers_are_refused(open: Open) {
    let names = [
        "authorization",
        "cookie",
        "content-type",
        "accept",
        "traceparent",
        "idempotency-key",
        "if-none-match",
        "last-event-id",
        "x-csrf-token",
        "origin",
        "accept-encoding",
        "range",
    ];
    let values = some(prop::collection::vec(prop_oneof![Just(9_u8), 32..127_u8, 128..=255_u8], 0..60), 6);
    for call in calls() {
        let path = open.fitting(&call.path);
        for (name, value) in names.iter().flat_map(|name| values.iter().map(move |value| (*name, value))) {
            let what = format!("{} {path} with {name}: {value:?}", call.method);
            open.ask(&what, |request| request(call.method.clone(), &path).header(name, value.as_slice()).body("{}"))
                .await;
        }
    }
}
