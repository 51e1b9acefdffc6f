//! The OpenAPI document: every change to it is seen in review, and it is browsed without another host.

use serde_json::{Value, json};

use crate::support::{Ask as _, Backend, Client, TestApp, run};

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

#[test]
fn the_browser_of_the_document_is_found_without_the_last_slash() {
    run(Backend::Sqlite, async |app: TestApp| {
        let answer = app.anonymous().get("/api/docs").await;
        assert_eq!((answer.status, answer.header("location")), (308, "/api/docs/"));
    });
}

/// Every operation of the document with its method and path.
fn operations(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    paths.iter().flat_map(|(path, methods)| {
        let methods = methods.as_object().unwrap();
        methods.iter().map(|(method, operation)| (method.as_str(), path.as_str(), operation))
    })
}

/// What a `$ref` names, or the value itself.
fn resolved<'d>(document: &'d Value, value: &'d Value) -> &'d Value {
    match value["$ref"].as_str() {
        Some(reference) => {
            let found = document.pointer(reference.trim_start_matches('#'));
            found.unwrap_or_else(|| panic!("{reference} is not in the document"))
        }
        None => value,
    }
}

fn check_references(document: &Value, value: &Value) {
    resolved(document, value);
    match value {
        Value::Array(items) => items.iter().for_each(|item| check_references(document, item)),
        Value::Object(fields) => fields.values().for_each(|field| check_references(document, field)),
        _ => {}
    }
}

#[test]
fn whatever_the_document_refers_to_is_in_it() {
    let document = serde_json::to_value(quorate::web::openapi::document()).unwrap();
    check_references(&document, &document["paths"]);
    check_references(&document, &document["components"]);
}

#[test]
fn every_refusal_is_a_problem_whose_codes_are_explained() {
    let document = serde_json::to_value(quorate::web::openapi::document()).unwrap();
    let explained = std::fs::read_to_string("docs/problems.md").unwrap();
    let code = regex::Regex::new("`([a-z_]+)`:").unwrap();
    for (method, path, operation) in operations(&document) {
        let responses = operation["responses"].as_object().unwrap();
        assert!(["429", "500"].iter().all(|status| responses.contains_key(*status)), "{method} {path}");
        for (status, response) in responses.iter().filter(|(status, _)| status.starts_with(['4', '5'])) {
            let response = resolved(&document, response);
            let content = json!({"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}});
            assert_eq!(response["content"], content, "{method} {path} {status}");
            let description = response["description"].as_str().unwrap();
            assert!(code.is_match(description), "{method} {path} {status} names no code: {description}");
            for found in code.captures_iter(description) {
                assert!(
                    explained.contains(&format!("| `{}` | {status} |", &found[1])),
                    "{method} {path}: {}",
                    &found[1]
                );
            }
        }
    }
}

/// An address of the path, and a body that the operation can read.
pub(crate) fn example(path: &str) -> (String, Value) {
    let lists = [
        ("attempts", "att"),
        ("submissions", "sub"),
        ("sessions", "ses"),
        ("tokens", "tok"),
        ("member-invitations", "min"),
    ];
    let prefix = lists.into_iter().find(|(list, _)| path.contains(&format!("/{list}/{{id}}")));
    let id = |prefix: &str| format!("{prefix}_{:032}", 1);
    let address = path.replace("{id}", &id(prefix.map_or("x", |(_, prefix)| prefix)));
    let is_a_teams = ["/publish", "/preview", "/sets/{set}"].iter().any(|end| path.ends_with(end));
    let set = if is_a_teams { id("set") } else { "x".to_owned() };
    let address = address
        .replace("/sets/{set}", &format!("/sets/{set}"))
        .replace("{user}", &id("usr"))
        .replace("{position}", "1");
    let address = regex::Regex::new(r"\{\w+\}").unwrap().replace_all(&address, "x").into_owned();
    let body = match path.rsplit('/').next().unwrap() {
        "password" => json!({"password": "a guess", "new_password": "another guess"}),
        "answers" => json!({"seed": 0, "answer": {"choice": "b"}}),
        "responses" => json!({"text": "a draft"}),
        "tokens" => json!({"name": "laptop", "scope": "read"}),
        "teams" => json!({"slug": "acme", "name": "Acme"}),
        "{team}" => json!({"name": "Acme"}),
        "{user}" | "member-invitations" => json!({"role": "author"}),
        "sets" | "{set}" => json!({}),
        "preview" if path.contains("/sets/") => json!({}),
        "{slug}" | "preview" => json!({"source": "title = 1"}),
        "copies" => json!({"from": "cap/pick-two"}),
        "{position}" => json!({"answer": null, "revision": 1}),
        _ => json!({"password": "a guess"}),
    };
    (address, body)
}

/// What the document says of 403 `csrf` is tried with each operation.
#[test]
fn each_operation_refuses_what_is_forged_as_the_document_says() {
    run(Backend::Sqlite, async |app: TestApp| {
        let document = serde_json::to_value(quorate::web::openapi::document()).unwrap();
        let browser = app.signed_in("Ada").await;
        let (cookie, token) = (browser.cookie(), browser.csrf());
        for (method, path, operation) in operations(&document) {
            let (address, body) = example(path);
            let send = async |site: &str, token: &str| {
                let method = method.to_uppercase().parse().unwrap();
                let request = app.anonymous().request(method, &address).json(&body).header("cookie", &cookie);
                // A key lets it be found out first who asks.
                let request = request.header("x-csrf-token", token).header("idempotency-key", "one");
                let answer = request.header("sec-fetch-site", site).answer().await;
                answer.status == 403 && answer.text().contains("\"code\":\"csrf\"")
            };
            let told = resolved(&document, &operation["responses"]["403"])["description"].as_str().unwrap_or_default();
            let (from_elsewhere, without_token) = (send("cross-site", &token).await, send("same-origin", "").await);
            assert_eq!(told.contains("`csrf`"), from_elsewhere, "{method} {path}: {told:?}");
            assert_eq!(told.contains("without the token"), without_token, "{method} {path}: {told:?}");
        }
    });
}

#[test]
fn every_operation_has_a_name_of_its_own_and_a_tag_that_is_described() {
    let document = serde_json::to_value(quorate::web::openapi::document()).unwrap();
    let tags: Vec<_> = document["tags"].as_array().unwrap().iter().map(|tag| &tag["name"]).collect();
    let mut names = std::collections::BTreeSet::new();
    for (method, path, operation) in operations(&document) {
        assert!(names.insert(operation["operationId"].as_str().unwrap()), "{method} {path}");
        assert!(tags.contains(&&operation["tags"][0]), "{method} {path}");
        assert!(operation["summary"].is_string(), "{method} {path}");
    }
}

/// The document merges two schemas of one name without a word, and one of them is then wrong.
#[test]
fn no_two_schemas_share_a_name() {
    let declared = regex::Regex::new(
        r"(?s)ToSchema\b[^\n]*\)\]\n((?:\s*#\[[^\n]*\n)*)\s*pub(?:\([^)]*\))? (?:struct|enum) (\w+)|text_enum! \{(.*?)pub(?:\([^)]*\))? enum (\w+)",
    )
    .unwrap();
    let other_name = regex::Regex::new(r"schema\(as = (\w+)\)").unwrap();
    let mut names = std::collections::BTreeMap::new();
    // The grader's types are none of the API's.
    for file in crate::tidy::rust("src").iter().filter(|file| !file.path.starts_with("src/grader/")) {
        for found in declared.captures_iter(&file.text) {
            let attributes = found.get(1).or(found.get(3)).unwrap().as_str();
            let own = found.get(2).or(found.get(4)).unwrap().as_str();
            let name = other_name.captures(attributes).map_or(own, |other| other.get(1).unwrap().as_str());
            let before = names.insert(name.to_owned(), file.path.clone());
            assert_eq!(before, None, "{name} of {}: write #[schema(as = …)]", file.path);
        }
    }
    assert!(names.len() > 40, "the pattern is no longer right: {names:?}");
}

/// An operation that reads, and whose path has an example, answers as the document says.
#[test]
fn examples_of_addresses_work() {
    run(Backend::Sqlite, async |app: TestApp| {
        let document = serde_json::to_value(quorate::web::openapi::document()).unwrap();
        let mut tried = 0;
        for (method, path, operation) in operations(&document).filter(|(method, ..)| *method == "get") {
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let address =
                parameters.filter(|parameter| parameter["example"].is_string()).fold(path.to_owned(), |path, one| {
                    path.replace(&format!("{{{}}}", one["name"].as_str().unwrap()), one["example"].as_str().unwrap())
                });
            if address != path && !address.contains('{') {
                assert_eq!(app.anonymous().get(&address).await.status, 200, "{method} {address}");
                tried += 1;
            }
        }
        assert!(tried >= 5, "{tried}");
    });
}
