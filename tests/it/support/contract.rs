//! What the OpenAPI document says of an answer, held against every answer that a test gets.

use std::sync::LazyLock;

use reqwest::Method;
use serde_json::Value;

use super::Answer;

static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::to_value(quorate::web::openapi::document()).expect("the document is JSON"));

/// Fails a test that got an answer from the API with a status or a media type that the document doesn't declare for that
/// method and path. What the document doesn't name is refused as such.
#[track_caller]
pub fn check(method: &Method, path: &str, answer: &Answer) {
    let what = format!("{method} {path}: {} {}", answer.status, answer.header("content-type"));
    let Some(operations) = operations(path) else {
        assert!(!path.starts_with("/api/v1/") || answer.status >= 400, "{what}: the document has no such path");
        return;
    };
    let name = if method == Method::HEAD { "get".to_owned() } else { method.as_str().to_lowercase() };
    let Some(operation) = operations.get(&name) else {
        assert!([404, 405].contains(&answer.status), "{what}: the document has no such method");
        return;
    };
    let declared = &operation["responses"][answer.status.to_string()];
    assert!(!declared.is_null(), "{what}: the document declares no such status\n{}", answer.text());
    let declared = resolved(declared);
    let media_type = answer.header("content-type").split(';').next().unwrap_or_default().trim();
    match declared["content"].as_object() {
        Some(content) => {
            assert!(content.contains_key(media_type), "{what}: the document declares {:?}", content.keys())
        }
        None => assert!(answer.body.is_empty(), "{what}: the document declares no body\n{}", answer.text()),
    }
}

fn resolved(value: &'static Value) -> &'static Value {
    match value["$ref"].as_str() {
        Some(reference) => DOCUMENT.pointer(reference.trim_start_matches('#')).expect("a reference leads somewhere"),
        None => value,
    }
}

/// The operations of the path in the document that fits an address best: a word fits better than a parameter.
fn operations(path: &str) -> Option<&'static serde_json::Map<String, Value>> {
    let paths = DOCUMENT["paths"].as_object()?.iter();
    let fitting = paths.filter(|(template, _)| fits(template, path));
    let best = fitting.min_by_key(|(template, _)| template.matches('{').count());
    best.and_then(|(_, operations)| operations.as_object())
}

fn fits(template: &str, path: &str) -> bool {
    let (wanted, found): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    let fits_one =
        |(wanted, found): (&&str, &&str)| if wanted.starts_with('{') { !found.is_empty() } else { wanted == found };
    wanted.len() == found.len() && wanted.iter().zip(&found).all(fits_one)
}

#[test]
fn an_address_is_that_of_the_path_with_the_fewest_parameters() {
    assert!(fits("/api/v1/sets/{set}", "/api/v1/sets/a") && !fits("/api/v1/sets/{set}", "/api/v1/sets/a/b"));
    assert!(operations("/api/v1/me/scores").is_some_and(|found| found.contains_key("get")));
    assert!(operations("/api/v1/nothing").is_none());
}

#[test]
#[should_panic(expected = "declares no such status")]
fn a_status_that_is_not_declared_fails_the_test() {
    let answer = Answer { status: 418, headers: reqwest::header::HeaderMap::new(), body: Vec::new() };
    check(&Method::GET, "/api/v1/me", &answer);
}
