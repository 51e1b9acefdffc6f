//! A team's own questions and prompts: written, checked, put in force, copied, previewed, retired.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Ask as _, Client, Person, TestApp, for_each_database};

for_each_database![
    a_source_is_put_in_force_and_becomes_a_version,
    every_mistake_is_told_with_its_line,
    a_draft_may_have_mistakes_and_is_not_in_force,
    of_two_authors_one_is_told_of_the_other,
    what_is_public_can_be_copied_and_exam_material_can_not,
    a_preview_shows_what_a_candidate_sees_and_keeps_nothing,
    a_retired_item_comes_back_with_a_source,
    a_teams_material_is_in_no_list_of_the_bank,
    material_is_written_on_its_page_with_the_mistakes_beside_the_lines,
];

const QUESTIONS: &str = "/api/v1/teams/acme/questions";
const PROMPTS: &str = "/api/v1/teams/acme/prompts";

/// Ada, who owns the team "acme".
async fn author(app: &TestApp) -> Person {
    let ada = app.person("Ada").await;
    ada.post("/api/v1/teams", json!({"slug": "acme", "name": "Acme"})).await.ok(201);
    ada
}

/// A question without mistakes, with this stem.
fn question(stem: &str) -> String {
    format!(
        "kind = \"true_false\"\ntitle = \"A claim\"\ndifficulty = 1\ntags = [\"quorum\"]\nstem = \"{stem}\"\n\
         explanation = \"SECRET-EXPLANATION\"\nsources = [\"None\"]\nanswer = false\n[wrong]\nfeedback = \"No.\"\nslip = true\n"
    )
}

async fn put(person: &Person, path: &str, seen: Option<&str>, body: Value) -> Answer {
    let request = person.request(Method::PUT, path).json(&body);
    match seen {
        Some(tag) => request.header("if-match", tag).answer().await,
        None => request.answer().await,
    }
}

async fn a_source_is_put_in_force_and_becomes_a_version(app: TestApp) {
    let ada = author(&app).await;
    let path = format!("{QUESTIONS}/claim");
    let made = put(&ada, &path, None, json!({"source": question("One?")})).await;
    assert_eq!(made.header("location"), path);
    let first = made.ok(201);
    assert_eq!(
        (&first["id"], &first["state"], &first["warnings"]),
        (&json!("acme/claim"), &json!("ready"), &json!([]))
    );
    let found = ada.get(&path).await;
    assert_eq!(found.header("etag"), made.header("etag"));
    assert_eq!(found.ok(200)["source"], json!(question("One?")));
    // The same source is the same version.
    let same = put(&ada, &path, Some(found.header("etag")), json!({"source": question("One?")})).await;
    assert_eq!(same.ok(200)["version"], first["version"]);
    // Other words that can't alter a score are kept as well, since candidates read them.
    let words = question("One?").replace("SECRET-EXPLANATION", "Because.");
    let reworded = put(&ada, &path, Some(same.header("etag")), json!({"source": words})).await;
    assert_eq!(reworded.ok(200)["version"], first["version"]);
    let changed = put(&ada, &path, Some(reworded.header("etag")), json!({"source": question("Two?")})).await;
    assert_ne!(changed.ok(200)["version"], first["version"]);
    let versions = ada.get(&path).await.ok(200)["versions"].clone();
    let numbers: Vec<_> = versions.as_array().unwrap().iter().map(|version| version["number"].clone()).collect();
    assert_eq!(numbers, [3, 2, 1]);
    let listed = ada.get(QUESTIONS).await.ok(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    assert_eq!(listed["items"][0]["version"], changed.ok(200)["version"]);
}

async fn every_mistake_is_told_with_its_line(app: TestApp) {
    let ada = author(&app).await;
    let wrong = question("One?")
        .replace("difficulty = 1", "difficulty = 9")
        .replace("slip = true", "misconception = \"no-such\"");
    let refused = put(&ada, &format!("{QUESTIONS}/claim"), None, json!({"source": wrong})).await;
    let problem = refused.refused(422, "invalid");
    assert_eq!((&problem["errors"][0]["pointer"], &problem["errors"][0]["line"]), (&json!("/source"), &json!(3)));
    let unknown = question("One?").replace("slip = true", "misconception = \"no-such\"");
    let problem =
        put(&ada, &format!("{QUESTIONS}/claim"), None, json!({"source": unknown})).await.refused(422, "invalid");
    assert_eq!(problem["errors"][0]["line"], 11, "{problem}");
    let broken = put(&ada, &format!("{PROMPTS}/design"), None, json!({"source": "title = "})).await;
    assert_eq!(broken.refused(422, "invalid")["errors"][0]["line"], 1);
    let long = "#".repeat(65_537);
    assert_eq!(put(&ada, &format!("{QUESTIONS}/claim"), None, json!({"source": long})).await.invalid(), ["/source"]);
    assert_eq!(ada.get(QUESTIONS).await.ok(200)["items"], json!([]));
}

async fn a_draft_may_have_mistakes_and_is_not_in_force(app: TestApp) {
    let ada = author(&app).await;
    let path = format!("{QUESTIONS}/claim");
    let draft = put(&ada, &path, None, json!({"source": "title = ", "draft": true})).await;
    let kept = draft.ok(201);
    assert_eq!((&kept["state"], &kept["version"], &kept["has_draft"]), (&json!("draft"), &json!(null), &json!(true)));
    let ready = put(&ada, &path, Some(draft.header("etag")), json!({"source": question("One?")})).await;
    assert_eq!(ready.ok(200)["has_draft"], false);
    let again = put(&ada, &path, Some(ready.header("etag")), json!({"source": "title = ", "draft": true})).await;
    let kept = again.ok(200);
    assert_eq!(
        (&kept["state"], &kept["version"], &kept["has_draft"]),
        (&json!("ready"), &ready.ok(200)["version"], &json!(true))
    );
    assert_eq!(ada.get(&path).await.ok(200)["source"], "title = ");
    // A draft of what is in force is none.
    let same = put(&ada, &path, Some(again.header("etag")), json!({"source": question("One?"), "draft": true})).await;
    assert_eq!(same.ok(200)["has_draft"], false);
}

async fn of_two_authors_one_is_told_of_the_other(app: TestApp) {
    let ada = author(&app).await;
    let path = format!("{QUESTIONS}/claim");
    put(&ada, &path, Some("\"1\""), json!({"source": question("One?")})).await.refused(412, "changed_meanwhile");
    let first = put(&ada, &path, None, json!({"source": question("One?")})).await;
    put(&ada, &path, None, json!({"source": question("Two?")})).await.refused(428, "if_match_missing");
    put(&ada, &path, Some(first.header("etag")), json!({"source": question("Two?")})).await.ok(200);
    put(&ada, &path, Some(first.header("etag")), json!({"source": question("Three?")}))
        .await
        .refused(412, "changed_meanwhile");
    ada.request(Method::DELETE, &path).answer().await.refused(428, "if_match_missing");
    let retire = ada.request(Method::DELETE, &path).header("if-match", first.header("etag"));
    retire.answer().await.refused(412, "changed_meanwhile");
}

async fn what_is_public_can_be_copied_and_exam_material_can_not(app: TestApp) {
    let ada = author(&app).await;
    let copies = format!("{QUESTIONS}/mine/copies");
    let copied = ada.post(&copies, json!({"from": "cap/pick-two"})).await.ok(201);
    assert_eq!(copied["id"], "acme/mine");
    let warning = copied["warnings"][0].as_str().unwrap();
    assert!(warning.contains("cap/pick-two"), "{warning}");
    ada.post(&copies, json!({"from": "cap/pick-two"})).await.refused(409, "item_exists");
    for none in ["cap/exam-four-rules", "cap/no-such", "acme/mine"] {
        ada.post(&format!("{QUESTIONS}/other/copies"), json!({"from": none})).await.refused(404, "not_found");
    }
    let prompt = ada.post(&format!("{PROMPTS}/mine/copies"), json!({"from": "cap/scaling-a-legacy-application"})).await;
    prompt.ok(201);
    let secret = json!({"from": "cap/exam-prepaid-in-two-regions"});
    ada.post(&format!("{PROMPTS}/other/copies"), secret).await.refused(404, "not_found");
}

async fn a_preview_shows_what_a_candidate_sees_and_keeps_nothing(app: TestApp) {
    let ada = author(&app).await;
    let seen = ada.post(&format!("{QUESTIONS}/claim/preview"), json!({"source": question("One?")})).await;
    let variant = seen.ok(200);
    assert_eq!((&variant["id"], &variant["kind"]), (&json!("acme/claim"), &json!("true_false")));
    assert!(!seen.text().contains("SECRET-EXPLANATION"));
    let wrong = ada.post(&format!("{QUESTIONS}/claim/preview"), json!({"source": "title = 1", "seed": 3})).await;
    wrong.refused(422, "invalid");
    ada.get(&format!("{QUESTIONS}/claim")).await.refused(404, "not_found");
    let prompt = std::fs::read_to_string("tests/fixtures/bank/demo/design.prompt.toml").unwrap();
    let seen = ada.post(&format!("{PROMPTS}/design/preview"), json!({"source": prompt})).await;
    assert_eq!(seen.ok(200)["title"], "A design");
    assert!(!seen.text().contains("SECRET"), "{}", seen.text());
}

async fn a_retired_item_comes_back_with_a_source(app: TestApp) {
    let ada = author(&app).await;
    let path = format!("{QUESTIONS}/claim");
    let made = put(&ada, &path, None, json!({"source": question("One?")})).await;
    let retire = ada.request(Method::DELETE, &path).header("if-match", made.header("etag")).answer().await;
    assert_eq!(retire.status, 204);
    let retired = ada.get(&path).await;
    assert_eq!(retired.ok(200)["state"], "retired");
    let back = put(&ada, &path, Some(retired.header("etag")), json!({"source": question("One?")})).await.ok(200);
    assert_eq!((&back["state"], &back["version"]), (&json!("ready"), &made.ok(201)["version"]));
    let log = ada.get("/api/v1/teams/acme/audit").await.ok(200);
    let actions: Vec<_> =
        log["items"].as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["material.published", "material.retired", "material.published", "team.made"]);
}

async fn a_teams_material_is_in_no_list_of_the_bank(app: TestApp) {
    let ada = author(&app).await;
    put(&ada, &format!("{QUESTIONS}/claim"), None, json!({"source": question("Only for us")})).await.ok(201);
    for path in ["/api/v1/questions/acme/claim", "/api/v1/questions/acme/claim/hints/1", "/practice/acme/claim"] {
        assert_eq!(ada.get(path).await.status, 404, "{path}");
    }
    let answers = ada.post("/api/v1/questions/acme/claim/answers", json!({"seed": 0, "answer": {"value": true}})).await;
    answers.refused(404, "not_found");
    assert!(!ada.get("/api/v1/questions?limit=100").await.text().contains("Only for us"));
}

async fn material_is_written_on_its_page_with_the_mistakes_beside_the_lines(app: TestApp) {
    let ada = app.signed_in("Ada").await;
    ada.submit("/teams", &[("slug", "acme"), ("name", "Acme")]).await.redirected();
    let edit = "/teams/acme/questions/claim";
    assert_eq!(ada.submit("/teams/acme/questions", &[("slug", "claim"), ("from", "")]).await.redirected(), edit);
    assert!(ada.open(edit).await.contains("Five replicas"), "a new question begins with one that has no mistakes");
    let wrong = question("<One?>").replace("difficulty = 1", "difficulty = 9");
    let refused = ada.submit(edit, &[("source", &wrong), ("do", "publish")]).await;
    let page = refused.text();
    assert!(refused.status == 422 && page.contains("href=\"#line-3\""), "{page}");
    assert!(page.contains("&lt;One?&gt;") && !page.contains("<One?>"), "what was typed stays");
    let preview = ada.submit(edit, &[("source", &question("One?")), ("do", "preview")]).await.text();
    assert!(preview.contains("Preview: A claim") && preview.contains("SECRET-EXPLANATION"), "{preview}");
    assert_eq!(ada.submit(edit, &[("source", "title = "), ("do", "draft")]).await.redirected(), edit);
    assert!(ada.open(edit).await.contains("A draft: no set can use it yet."));
    let publish = [("source", question("One?")), ("do", "publish".to_owned()), ("revision", "1".to_owned())];
    let publish = publish.each_ref().map(|(name, value)| (*name, value.as_str()));
    assert_eq!(ada.submit(edit, &publish).await.redirected(), edit);
    let stale = ada.submit(edit, &publish).await;
    assert!(stale.status == 412 && stale.text().contains("somebody has changed this"), "{}", stale.text());
    assert_eq!(ada.submit(&format!("{edit}/retire"), &[("revision", "2")]).await.redirected(), "/teams/acme/questions");
    assert!(ada.open("/teams/acme/questions").await.contains("retired"));
    let copied = ada.submit("/teams/acme/prompts", &[("slug", "mine"), ("from", "cap/no-such")]).await;
    assert!(copied.status == 404, "{}", copied.text());
}
