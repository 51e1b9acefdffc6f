//! The OpenAPI document: every change to it is seen in review, and it is browsed without another host.

use serde_json::{Value, json};

use crate::support::{Backend, Client, TestApp, run};

#[test]
fn the_document_is_as_reviewed() {
    let document = serde_json::to_value(quorate::web::openapi::document()).unwrap();
    insta::with_settings!({ prepend_module_to_snapshot => false }, {
        insta::assert_json_snapshot!("openapi", document);
    });
}

#[test]
fn the_document_is_served_and_browsed() {
    run(Backend::Sqlite, the_document_is_served_and_browsed_from_here);
}

async fn the_document_is_served_and_browsed_from_here(app: TestApp) {
    let anonymous = app.anonymous();
    let document = anonymous.get("/api/openapi.json").await.ok(200);
    assert_eq!(document["openapi"], json!("3.1.0"));
    let page = anonymous.get("/api/docs/").await;
    assert_eq!(page.status, 200, "{}", page.text());
    let page = page.text();
    let elsewhere = regex::Regex::new(r#"(src|href)="(https?:)?//"#).unwrap();
    assert!(!elsewhere.is_match(&page), "{page}");
    let parts: Vec<_> = regex::Regex::new(r#"(?:src|href)="([^"]+)""#)
        .unwrap()
        .captures_iter(&page)
        .map(|part| part[1].to_owned())
        .collect();
    assert!(parts.iter().any(|part| part.ends_with(".js")), "{page}");
    for part in parts {
        let part = part.trim_start_matches("./");
        assert_eq!(anonymous.get(&format!("/api/docs/{part}")).await.status, 200, "{part}");
    }
}

/// Every example of a refusal in the document is a problem.
#[test]
fn every_refusal_is_documented_as_a_problem() {
    let document = serde_json::to_value(quorate::web::openapi::document()).unwrap();
    for (path, calls) in document["paths"].as_object().unwrap() {
        for (method, call) in calls.as_object().unwrap() {
            for (status, response) in call["responses"].as_object().unwrap() {
                let refusal = status.starts_with('4') || status.starts_with('5');
                let content = response["content"].as_object().map(|content| content.values().collect::<Vec<_>>());
                let problem = |content: &&Value| content["schema"]["$ref"] == json!("#/components/schemas/Problem");
                let documented = content.is_some_and(|content| content.iter().all(problem));
                assert!(!refusal || documented, "{method} {path}: {status} needs `body = Problem`");
            }
        }
    }
}
