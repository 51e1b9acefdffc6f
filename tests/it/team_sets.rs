//! Sets of teams: written, checked while they are edited, published, previewed.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Ask as _, Client, Person, TestApp, for_each_database};

for_each_database![
    a_draft_says_what_keeps_it_from_being_published,
    a_published_version_stays_while_the_draft_is_edited,
    a_changed_question_makes_the_same_draft_another_version,
    of_two_authors_one_is_told_of_the_other,
    a_team_asks_its_own_material_and_what_is_public_and_nothing_else,
    a_pool_says_how_many_are_in_practice,
    a_preview_draws_the_same_for_the_same_seed_and_keeps_nothing,
    a_set_is_its_teams_alone,
    what_is_asked_of_a_set_is_checked,
    a_set_is_put_together_on_its_page_without_a_script,
];

/// Ada, who owns the team "acme".
async fn author(app: &TestApp) -> Person {
    let ada = app.person("Ada").await;
    ada.post("/api/v1/teams", json!({"slug": "acme", "name": "Acme"})).await.ok(201);
    ada
}

/// A definition with these items in one section.
fn with_items(items: Value) -> Value {
    json!({"title": "Screen", "summary": "A first look.", "sections": [{"title": "All", "items": items}]})
}

async fn make(person: &Person, definition: Value) -> (String, Answer) {
    let made = person.post("/api/v1/teams/acme/sets", definition).await;
    (format!("/api/v1/sets/{}", made.ok(201)["id"].as_str().unwrap()), made)
}

async fn put(person: &Person, set: &str, seen: &str, definition: Value) -> Answer {
    person.request(Method::PUT, set).header("if-match", seen).json(&definition).answer().await
}

async fn publish(person: &Person, set: &str, seen: &str) -> Answer {
    person.request(Method::POST, &format!("{set}/publish")).header("if-match", seen).answer().await
}

async fn write_question(person: &Person, slug: &str) {
    let request = person.request(Method::PUT, &format!("/api/v1/teams/acme/questions/{slug}"));
    request.json(&json!({"source": source(slug)})).answer().await.ok(201);
}

/// Puts another version of a question in force.
async fn rewrite(person: &Person, slug: &str) {
    let request = person.request(Method::PUT, &format!("/api/v1/teams/acme/questions/{slug}")).header("if-match", "*");
    request.json(&json!({"source": source(&format!("{slug} again"))})).answer().await.ok(200);
}

fn source(stem: &str) -> String {
    format!(
        "kind = \"true_false\"\ntitle = \"A claim\"\ndifficulty = 1\ntags = [\"own\"]\nstem = \"{stem}?\"\nexplanation = \"E\"\n\
         sources = [\"None\"]\nanswer = false\n[wrong]\nfeedback = \"No.\"\nslip = true\n"
    )
}

/// What keeps a set from being published, each with its place.
fn problems(set: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    set["problems"].as_array().unwrap().iter().map(|field| (text(&field["pointer"]), text(&field["detail"]))).collect()
}

async fn a_draft_says_what_keeps_it_from_being_published(app: TestApp) {
    let ada = author(&app).await;
    let (set, made) = make(&ada, json!({})).await;
    let places: Vec<_> = problems(&made.ok(201)).into_iter().map(|(place, _)| place).collect();
    assert_eq!(places, ["", "/title", "/summary"]);
    let items = json!([{"question": "cap/no-such"}, {"exercise": "no-such"}, {"pool": {"topic": "cap", "count": 90}}, {},
        {"question": "cap/pick-two", "prompt": "cap/scaling-a-legacy-application"}, {"question": "cap/pick-two", "points": 0}]);
    let edited = put(&ada, &set, made.header("etag"), with_items(items)).await;
    let found = problems(&edited.ok(200));
    // Mistakes of form come first; what names nothing is looked for when there are none.
    let places: Vec<_> = found.iter().map(|(place, _)| place.as_str()).collect();
    assert_eq!(places, ["/sections/0/items/3", "/sections/0/items/4", "/sections/0/items/5/points"], "{found:?}");
    let items = json!([{"question": "cap/no-such"}, {"exercise": "no-such"}, {"pool": {"topic": "cap", "count": 90}}]);
    let edited = put(&ada, &set, edited.header("etag"), with_items(items)).await;
    let found = problems(&edited.ok(200));
    let places: Vec<_> = found.iter().map(|(place, _)| place.as_str()).collect();
    assert_eq!(places, ["/sections/0/items/0", "/sections/0/items/2", "/sections/0/items/1"], "{found:?}");
    let refused = publish(&ada, &set, edited.header("etag")).await;
    assert_eq!(refused.invalid().len(), 3);
    assert_eq!(ada.get(&set).await.ok(200)["version"], 0);
}

async fn a_published_version_stays_while_the_draft_is_edited(app: TestApp) {
    let ada = author(&app).await;
    let first = with_items(json!([{"question": "cap/pick-two"}]));
    let (set, made) = make(&ada, first.clone()).await;
    assert_eq!((&made.ok(201)["state"], &made.ok(201)["version"]), (&json!("draft"), &json!(0)));
    let published = publish(&ada, &set, made.header("etag")).await;
    assert_eq!((&published.ok(200)["state"], &published.ok(200)["version"]), (&json!("published"), &json!(1)));
    // To publish the same draft again makes no other version.
    let again = publish(&ada, &set, published.header("etag")).await;
    assert_eq!(again.ok(200)["version"], 1);
    let edited = put(&ada, &set, again.header("etag"), with_items(json!([{"question": "cap/wait-for-all"}]))).await;
    assert_eq!((&edited.ok(200)["state"], &edited.ok(200)["version"]), (&json!("edited"), &json!(1)));
    let back = put(&ada, &set, edited.header("etag"), first).await;
    assert_eq!(back.ok(200)["state"], "published");
    let edited = put(&ada, &set, back.header("etag"), with_items(json!([{"question": "cap/wait-for-all"}]))).await;
    assert_eq!(publish(&ada, &set, edited.header("etag")).await.ok(200)["version"], 2);
    let listed = ada.get("/api/v1/teams/acme/sets").await.ok(200);
    assert_eq!((&listed["items"][0]["version"], &listed["items"][0]["state"]), (&json!(2), &json!("published")));
    let log = ada.get("/api/v1/teams/acme/audit").await.ok(200);
    let actions: Vec<_> =
        log["items"].as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["set.published", "set.published", "set.made", "team.made"]);
}

async fn a_changed_question_makes_the_same_draft_another_version(app: TestApp) {
    let ada = author(&app).await;
    write_question(&ada, "own-one").await;
    write_question(&ada, "not-asked").await;
    let (set, _) = make(&ada, with_items(json!([{"question": "acme/own-one"}]))).await;
    let version = async || publish(&ada, &set, "*").await.ok(200)["version"].clone();
    assert_eq!(version().await, 1);
    rewrite(&ada, "not-asked").await;
    assert_eq!(version().await, 1);
    rewrite(&ada, "own-one").await;
    assert_eq!(version().await, 2);
}

async fn of_two_authors_one_is_told_of_the_other(app: TestApp) {
    let ada = author(&app).await;
    let (set, made) = make(&ada, with_items(json!([{"question": "cap/pick-two"}]))).await;
    let edited = put(&ada, &set, made.header("etag"), with_items(json!([{"question": "cap/wait-for-all"}]))).await;
    edited.ok(200);
    put(&ada, &set, made.header("etag"), with_items(json!([]))).await.refused(412, "changed_meanwhile");
    publish(&ada, &set, made.header("etag")).await.refused(412, "changed_meanwhile");
    ada.post(&format!("{set}/publish"), json!({})).await.refused(428, "if_match_missing");
    publish(&ada, &set, edited.header("etag")).await.ok(200);
}

async fn a_team_asks_its_own_material_and_what_is_public_and_nothing_else(app: TestApp) {
    let ada = author(&app).await;
    write_question(&ada, "own-one").await;
    let bob = app.person("Bob").await;
    bob.post("/api/v1/teams", json!({"slug": "other", "name": "Other"})).await.ok(201);
    let copies = "/api/v1/teams/other/questions/theirs/copies";
    bob.post(copies, json!({"from": "cap/pick-two"})).await.ok(201);
    let exam = "cap/exam-four-rules";
    let items = json!([{"question": "acme/own-one"}, {"question": "other/theirs"}, {"question": exam},
        {"prompt": "cap/exam-prepaid-in-two-regions"}]);
    let (set, made) = make(&ada, with_items(items)).await;
    let places: Vec<_> = problems(&made.ok(201)).into_iter().map(|(place, _)| place).collect();
    assert_eq!(places, ["/sections/0/items/1", "/sections/0/items/2", "/sections/0/items/3"]);
    let own = with_items(json!([{"question": "acme/own-one"}, {"question": "cap/pick-two"}]));
    let edited = put(&ada, &set, made.header("etag"), own).await;
    assert_eq!(edited.ok(200)["problems"], json!([]));
    // A question that is retired can be asked by no further version.
    let retire = ada.request(Method::DELETE, "/api/v1/teams/acme/questions/own-one").header("if-match", "*");
    assert_eq!(retire.answer().await.status, 204);
    assert_eq!(publish(&ada, &set, edited.header("etag")).await.invalid(), ["/sections/0/items/0"]);
}

async fn a_pool_says_how_many_are_in_practice(app: TestApp) {
    let ada = author(&app).await;
    for slug in ["own-one", "own-two", "own-three"] {
        write_question(&ada, slug).await;
    }
    let items =
        json!([{"pool": {"topic": "acme", "count": 2}}, {"pool": {"topic": "cap", "difficulty": [2, 4], "count": 3}}]);
    let (_, made) = make(&ada, with_items(items)).await;
    let set = made.ok(201);
    assert_eq!(set["problems"], json!([]));
    let own = json!({"pointer": "/sections/0/items/0", "draws": 2, "matching": 3, "in_practice": 0});
    assert_eq!(set["pools"][0], own);
    let public = &set["pools"][1];
    assert!(public["matching"].as_u64().unwrap() > 3 && public["matching"] == public["in_practice"], "{public}");
}

async fn a_preview_draws_the_same_for_the_same_seed_and_keeps_nothing(app: TestApp) {
    let ada = author(&app).await;
    write_question(&ada, "own-one").await;
    let items = json!([{"question": "acme/own-one", "points": 2.5}, {"pool": {"topic": "cap", "count": 3}}, {"exercise": "vector-clock"}]);
    let (set, _) = make(&ada, with_items(items)).await;
    let preview = async |seed: u64| ada.post(&format!("{set}/preview"), json!({"seed": seed})).await.ok(200);
    let one = preview(1).await;
    assert_eq!(one, preview(1).await);
    let names = |preview: &Value| {
        preview["items"].as_array().unwrap().iter().map(|item| item["name"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(names(&one).len(), 5);
    assert_eq!(
        (&one["items"][0]["max_score"], &one["items"][0]["question"]["id"]),
        (&json!(2.5), &json!("acme/own-one"))
    );
    let mut others = Vec::new();
    for seed in 2..8 {
        others.push(names(&preview(seed).await));
    }
    assert!(others.iter().any(|other| *other != names(&one)), "a pool draws by the seed");
    assert_eq!(ada.get("/api/v1/attempts").await.ok(200)["items"], json!([]));
    ada.post(&format!("{set}/attempts"), json!({})).await.refused(404, "not_found");
}

async fn a_set_is_its_teams_alone(app: TestApp) {
    let ada = author(&app).await;
    let (set, made) = make(&ada, with_items(json!([{"question": "cap/pick-two"}]))).await;
    let bob = app.person("Bob").await;
    bob.post("/api/v1/teams", json!({"slug": "other", "name": "Other"})).await.ok(201);
    app.anonymous().get(&set).await.refused(404, "not_found");
    bob.get(&set).await.refused(404, "not_found");
    put(&bob, &set, made.header("etag"), json!({})).await.refused(404, "not_found");
    bob.post(&format!("{set}/preview"), json!({})).await.refused(404, "not_found");
    assert!(!bob.get("/api/v1/sets?limit=100").await.text().contains("Screen"));
}

async fn what_is_asked_of_a_set_is_checked(app: TestApp) {
    let ada = author(&app).await;
    let invalid = async |body: Value| ada.post("/api/v1/teams/acme/sets", body).await.invalid();
    assert_eq!(invalid(json!({"title": "x".repeat(5_001)})).await, ["/title"]);
    assert_eq!(invalid(json!({"sections": vec![json!({}); 21]})).await, ["/sections"]);
    assert_eq!(invalid(json!({"sections": [{"items": vec![json!({}); 101]}]})).await, ["/sections"]);
    assert_eq!(invalid(json!({"titel": "x"})).await, ["/titel"]);
    assert_eq!(
        invalid(json!({"sections": [{"items": [{"question": "cap"}]}]})).await,
        ["/sections/0/items/0/question"]
    );
    assert_eq!(invalid(json!({"feedback": "always"})).await, ["/feedback"]);
    assert_eq!(invalid(json!({"sections": [["a title"]]})).await, ["/sections/0"]);
    assert_eq!(ada.get("/api/v1/teams/acme/sets").await.ok(200)["items"], json!([]));
    // A text that would end a line or a string of the file is only a text.
    let odd = "a \"quoted\" \\ title\u{1}\n[[sections]]";
    let (_, made) = make(&ada, json!({"title": odd, "summary": "s", "sections": []})).await;
    assert_eq!(made.ok(201)["definition"]["title"], odd);
    assert_eq!(problems(&made.ok(201)).len(), 1, "{:?}", problems(&made.ok(201)));
}

async fn a_set_is_put_together_on_its_page_without_a_script(app: TestApp) {
    let ada = app.signed_in("Ada").await;
    ada.submit("/teams", &[("slug", "acme"), ("name", "Acme")]).await.redirected();
    let edit = ada.submit("/teams/acme/sets", &[]).await.redirected().to_owned();
    let revision = regex::Regex::new("name=\"revision\" value=\"([0-9]+)\"").unwrap();
    let mut form =
        vec![("title", "Screen"), ("summary", "A first look."), ("feedback", "never"), ("pass_mark", "62,5")];
    let send = async |form: &[(&str, &str)], button: &str| {
        let page = ada.open(&edit).await;
        let seen = revision.captures(&page).unwrap()[1].to_owned();
        ada.submit(&edit, &[form, &[("revision", &*seen), ("do", button)]].concat()).await
    };
    assert_eq!(send(&form, "add").await.redirected(), format!("{edit}#sections"));
    form.push(("s0.title", "Questions"));
    assert_eq!(send(&form, "s0.add").await.redirected(), format!("{edit}#s0"));
    form.extend([("s0.i0.what", "question"), ("s0.i0.name", "cap")]);
    let refused = send(&form, "save").await;
    assert!(refused.status == 422 && refused.text().contains("&quot;cap&quot; must be"), "{}", refused.text());
    form.pop();
    form.push(("s0.i0.name", "cap/pick-two"));
    send(&form, "s0.add").await.redirected();
    form.extend([("s0.i1.what", "pool"), ("s0.i1.topic", "cap"), ("s0.i1.count", "2")]);
    send(&form, "save").await.redirected();
    let page = ada.open(&edit).await;
    assert!(page.contains("draws 2 of") && page.contains("value=\"62.5\""), "{page}");
    send(&form, "s0.i1.up").await.redirected();
    let page = ada.open(&edit).await;
    let (pool, question) = (page.find("draws 2 of").unwrap(), page.find("cap/pick-two").unwrap());
    assert!(pool < question, "the pool comes first now");
    let preview = send(&form, "preview").await;
    assert!(preview.status == 200 && preview.text().contains("a candidate would get"), "{}", preview.text());
    send(&form, "publish").await.redirected();
    assert!(ada.open(&edit).await.contains("Version 1 is published"));
    assert!(ada.open("/teams/acme/sets").await.contains("version 1"));
    let stale = [&form[..], &[("revision", "1"), ("do", "save")]].concat();
    let refused = ada.submit(&edit, &stale).await;
    assert!(refused.status == 412 && refused.text().contains("somebody has changed this"), "{}", refused.text());
    assert!(refused.text().contains("value=\"cap/pick-two\""), "what was typed stays");
}
