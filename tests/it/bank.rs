//! The bank: its content, what REST shows of it, and practice.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use quorate::bank::{Bank, Kind, Seed, load};
use quorate::id::UserId;
use serde_json::{Value, json};

use crate::support::{Backend, Client, Database, Fixture, Person, TestApp, for_each_database};

for_each_database![
    topics_are_told_with_their_lessons,
    questions_are_found_by_what_they_are,
    a_variant_depends_on_its_seed_alone,
    what_the_caller_has_is_not_sent_again,
    prompts_are_told_without_what_reviewers_know,
    what_exams_ask_is_nowhere_else,
    the_right_answer_earns_everything,
    a_wrong_answer_is_told_why_and_what_it_stands_for,
    hints_are_told_one_by_one_and_cost,
    an_answer_on_the_page_is_kept_as_well,
    what_does_not_fit_is_refused_with_its_place,
    an_answer_to_a_changed_question_is_not_marked,
    the_same_key_answers_once,
    many_answers_at_once_are_all_kept,
    an_account_that_is_gone_keeps_nothing_and_harms_nobody,
    a_response_is_kept_for_a_person_to_score,
];

/// Over the small bank for tests, which keeps some of its material for exams.
struct Demo(TestApp);

impl Fixture for Demo {
    async fn on(backend: Backend) -> Self {
        let folder = "tests/fixtures/bank".into();
        Self(TestApp::with(Database::migrated(backend), |settings| settings.questions = Some(vec![folder])))
    }
}

fn own_bank() -> Bank {
    let (bank, mistakes) = load(&[PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/questions"))]);
    let listed: Vec<_> = mistakes.iter().map(ToString::to_string).collect();
    assert!(listed.is_empty(), "{}", listed.join("\n"));
    bank
}

#[test]
fn the_content_has_no_mistakes_and_enough_of_everything() {
    let bank = own_bank();
    for topic in bank.topics() {
        let questions: Vec<_> = bank.questions().filter(|question| question.id().topic() == &topic.slug).collect();
        assert!(questions.len() >= 12, "{} has {} questions", topic.slug, questions.len());
        assert!(topic.lesson.is_some(), "{} has no lesson", topic.slug);
        let parametric = questions.iter().filter(|question| question.is_parametric()).count();
        assert!(parametric >= 3, "{} has {parametric} generated questions", topic.slug);
    }
    assert!(bank.topics().len() >= 3);
}

#[test]
fn every_misconception_is_tested() {
    let bank = own_bank();
    let mut tested = BTreeMap::<&str, usize>::new();
    for question in bank.questions() {
        let named: BTreeSet<_> = question.misconceptions().into_iter().collect();
        named.into_iter().for_each(|id| *tested.entry(id).or_default() += 1);
    }
    let never: Vec<_> = bank.misconceptions().map(|m| m.id.as_str()).filter(|id| !tested.contains_key(id)).collect();
    assert!(never.is_empty(), "no question tests {never:?}");
}

/// An exam-only prompt that no set asks is shown to nobody.
#[test]
fn every_exam_prompt_is_asked_by_a_set() {
    let bank = own_bank();
    let seed = Seed::new(0).unwrap();
    let planned = bank.sets().flat_map(|set| quorate::sets::plan(set, &bank, seed));
    let asked: BTreeSet<_> = planned
        .filter_map(|item| match item.what {
            quorate::sets::Asked::Prompt(prompt) => Some(prompt.id.to_string()),
            _ => None,
        })
        .collect();
    let all = bank.with_exam_material();
    let exam_only = all.prompts().filter(|prompt| prompt.exam_only).map(|prompt| prompt.id.to_string());
    let never: Vec<_> = exam_only.filter(|id| !asked.contains(id)).collect();
    assert!(never.is_empty(), "no set asks {never:?}");
}

/// A folder with a mistake of every sort beside something that is right.
#[test]
fn files_with_mistakes_are_left_out_and_all_listed() {
    let (bank, mistakes) = load(&[PathBuf::from("tests/fixtures/bank-mistakes")]);
    let listed: Vec<_> = mistakes.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(listed.join("\n"));
    let questions: Vec<_> = bank.questions().map(|question| question.id().to_string()).collect();
    assert_eq!(questions, ["good/right", "more/one", "more/three", "more/two"]);
    assert_eq!(bank.sets().map(|set| set.slug.to_string()).collect::<Vec<_>>(), ["good"]);
}

/// `quorate check --bank`, as an author runs it.
#[test]
fn check_prints_every_mistake_and_fails() {
    let check = |folder: &str| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_quorate"));
        let output = command.args(["check", "--bank", "--questions", folder]).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, printed) = check("tests/fixtures/bank-mistakes");
    let line = "tests/fixtures/bank-mistakes/good/not-utf-8.toml:2: not UTF-8: save the file in that encoding\n";
    assert!(printed.contains(line), "{printed}");
    assert_eq!(code, Some(1), "{printed}");
    let (code, printed) = check("questions");
    assert!(printed.ends_with(" 0 mistakes\n"), "{printed}");
    assert_eq!(code, Some(0), "{printed}");
}

async fn topics_are_told_with_their_lessons(app: TestApp) {
    let reader = app.anonymous();
    let topics = reader.get("/api/v1/topics").await.ok(200);
    let slugs: Vec<_> =
        topics["items"].as_array().unwrap().iter().map(|topic| topic["slug"].as_str().unwrap()).collect();
    assert_eq!(slugs, ["cap", "quorums", "tracing"]);
    assert!(topics["items"][0]["questions"].as_u64().unwrap() >= 12, "{topics}");
    let cap = reader.get("/api/v1/topics/cap").await.ok(200);
    let sections = cap["lesson"]["sections"].as_array().unwrap();
    assert_eq!((sections.len(), &sections[0]["id"]), (11, &json!("tl-dr")));
    let diagram = sections.iter().find(|section| section["html"].as_str().unwrap().contains("<svg")).unwrap();
    assert!(diagram["markdown"].as_str().unwrap().contains("<svg"), "{diagram}");
    reader.get("/api/v1/topics/nothing").await.refused(404, "not_found");
    reader.get("/api/v1/topics/..%2Fcap").await.refused(404, "not_found");
}

async fn questions_are_found_by_what_they_are(app: TestApp) {
    let reader = app.anonymous();
    let mut path = "/api/v1/questions?limit=7".to_owned();
    let mut ids = Vec::new();
    while !path.is_empty() {
        let page = reader.get(&path).await;
        ids.extend(
            page.ok(200)["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()),
        );
        path = page.header("link").split(['<', '>']).nth(1).unwrap_or_default().to_owned();
    }
    assert_eq!(ids, app.bank.questions().map(|question| question.id().to_string()).collect::<Vec<_>>());

    let found = reader.get("/api/v1/questions?topic=quorums&kind=numeric&difficulty=3&tag=overlap").await.ok(200);
    let items = found["items"].as_array().unwrap();
    assert!(!items.is_empty());
    for item in items {
        assert!(item["id"].as_str().unwrap().starts_with("quorums/"), "{item}");
        assert_eq!((&item["kind"], &item["difficulty"]), (&json!("numeric"), &json!(3)), "{item}");
        assert!(item["tags"].as_array().unwrap().contains(&json!("overlap")), "{item}");
    }
    for wrong in ["kind=riddle", "difficulty=6", "difficulty=x", "topic=A", "limit=0", "cursor=%2A", "colour=red"] {
        let places = reader.get(&format!("/api/v1/questions?{wrong}")).await.invalid();
        assert!(places[0].starts_with('?'), "{wrong}: {places:?}");
    }
}

async fn a_variant_depends_on_its_seed_alone(app: TestApp) {
    let reader = app.anonymous();
    for question in app.bank.questions() {
        let path = format!("/api/v1/questions/{}", question.id());
        let first = reader.get(&format!("{path}?seed=7")).await;
        let shown = first.ok(200);
        assert_eq!((&shown["seed"], &shown["version"]), (&json!(7), &json!(question.version())));
        assert_eq!(first.body, reader.get(&format!("{path}?seed=7")).await.body);
        // What would give the key away. `max_score` and `hint_costs` are no keys.
        for secret in [
            "\"correct\"",
            "\"weight\"",
            "\"feedback\"",
            "\"misconception",
            "\"accept\"",
            "\"tolerance",
            "\"explanation",
        ] {
            assert!(!first.text().contains(secret), "{secret} in {}", first.text());
        }
        let of_chance = reader.get(&path).await;
        let expected = if question.varies() { "no-store" } else { "no-cache" };
        assert_eq!((of_chance.status, of_chance.header("cache-control")), (200, expected), "{path}");
    }
    let path = "/api/v1/questions/cap/gen-two-clients";
    let stems: BTreeSet<_> = [1, 2, 3].map(|seed| format!("{path}?seed={seed}")).into_iter().collect();
    let mut seen = BTreeSet::new();
    for path in &stems {
        seen.insert(reader.get(path).await.ok(200)["stem"].to_string());
    }
    assert_eq!(seen.len(), 3);
    assert_eq!(reader.get(&format!("{path}?seed=9007199254740992")).await.invalid(), ["?seed"]);
    assert_eq!(reader.get(&format!("{path}?seed=-1")).await.invalid(), ["?seed"]);
    reader.get("/api/v1/questions/cap/none").await.refused(404, "not_found");
}

async fn what_the_caller_has_is_not_sent_again(app: TestApp) {
    let reader = app.anonymous();
    let paths = [
        "topics",
        "topics/cap",
        "questions",
        "questions/cap/pick-two",
        "questions/cap/gen-two-clients?seed=3",
        "prompts",
    ];
    for path in paths.map(|path| format!("/api/v1/{path}")) {
        let first = reader.get(&path).await;
        assert_eq!(first.status, 200, "{path}");
        let ask =
            |tag: &str| reader.request(reqwest::Method::GET, &path).header("if-none-match", tag.to_owned()).send();
        assert_eq!(ask(first.header("etag")).await.unwrap().status(), 304, "{path}");
        assert_eq!(ask("\"another\"").await.unwrap().status(), 200, "{path}");
    }
}

async fn prompts_are_told_without_what_reviewers_know(app: TestApp) {
    let reader = app.anonymous();
    let list = reader.get("/api/v1/prompts").await.ok(200);
    assert_eq!(list["items"].as_array().unwrap().len(), app.bank.prompts().count());
    for prompt in app.bank.prompts() {
        let answer = reader.get(&format!("/api/v1/prompts/{}", prompt.id)).await;
        let shown = answer.ok(200);
        assert_eq!(shown["criteria"].as_array().unwrap().len(), prompt.criteria.len());
        assert_eq!(shown["max_score"], json!(3 * prompt.criteria.len()));
        let keys: Vec<_> = shown["criteria"][0].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, ["id", "levels", "title"]);
        for note in &prompt.review.notes {
            assert!(!answer.text().contains(note.markdown()), "{}", prompt.id);
        }
        assert!(shown.get("examples").is_none() && shown.get("review").is_none(), "{shown}");
    }
    reader.get("/api/v1/prompts/cap/none").await.refused(404, "not_found");
}

async fn what_exams_ask_is_nowhere_else(Demo(app): Demo) {
    let ada = app.person("Ada").await;
    for list in ["questions", "prompts", "topics/demo"] {
        let shown = ada.get(&format!("/api/v1/{list}")).await;
        assert_eq!(shown.status, 200, "{list}");
        assert!(!shown.text().contains("kept"), "{list}: {}", shown.text());
    }
    for path in ["questions/demo/kept", "questions/demo/kept/hints/1", "prompts/demo/kept"] {
        ada.get(&format!("/api/v1/{path}")).await.refused(404, "not_found");
    }
    let answer = json!({"seed": 0, "answer": {"value": 7}});
    ada.post(&answers_of(&"demo/kept"), answer).await.refused(404, "not_found");
    ada.post("/api/v1/prompts/demo/kept/responses", json!({"text": "x"})).await.refused(404, "not_found");
    let browser = app.signed_in("Bob").await;
    for path in ["/practice/demo/kept", "/prompts/demo/kept"] {
        assert_eq!(browser.get(path).await.status, 404, "{path}");
    }
    for path in ["/topics/demo", "/prompts", "/sets", "/sets/exam", "/record"] {
        let page = browser.get(path).await;
        assert!(!page.text().contains("kept"), "{path}");
    }
}

/// The bank keeps the two kinds of material apart by itself.
#[test]
fn exams_draw_what_is_kept_for_them_and_the_rest_never_does() {
    let (bank, mistakes) = load(&[PathBuf::from("tests/fixtures/bank")]);
    assert_eq!(mistakes, []);
    let is_kept = |set: &quorate::bank::Set, seed| {
        let planned = quorate::sets::plan(set, &bank, Seed::new(seed).unwrap());
        let kept = planned.iter().filter_map(|item| match &item.what {
            quorate::sets::Asked::Question(question) => Some(question.is_exam_only()),
            quorate::sets::Asked::Prompt(prompt) => Some(prompt.exam_only),
            quorate::sets::Asked::Exercise(_) => None,
        });
        kept.collect::<BTreeSet<_>>()
    };
    for set in bank.sets() {
        for seed in 0..50 {
            assert_eq!(is_kept(set, seed), [set.exam_only].into(), "{} {seed}", set.slug);
        }
    }
    assert!(
        bank.questions().all(|question| !question.is_exam_only()) && bank.prompts().all(|prompt| !prompt.exam_only)
    );
}

fn answers_of(id: &impl std::fmt::Display) -> String {
    format!("/api/v1/questions/{id}/answers")
}

async fn the_right_answer_earns_everything(app: TestApp) {
    let ada = app.person("Ada").await;
    let mut kinds = BTreeSet::new();
    for question in app.bank.questions().filter(|question| question.kind() != Kind::Essay) {
        let solution = question.instance(Seed::new(11).unwrap()).solution().unwrap().to_json();
        let body = json!({"seed": 11, "answer": solution, "version": question.version()});
        let marking = ada.post(&answers_of(question.id()), body).await.ok(200);
        assert_eq!((&marking["score"], &marking["correct"]), (&json!(question.points()), &json!(true)), "{marking}");
        assert_eq!(marking["solution"], solution);
        assert!(marking["id"].as_str().unwrap().starts_with("ans_"), "{marking}");
        assert!(
            !marking["explanation_html"].as_str().unwrap().is_empty() && marking["sources"][0].is_string(),
            "{marking}"
        );
        kinds.insert(question.kind());
    }
    assert!(kinds.len() >= 8, "{kinds:?}");
    let best = app.practice.best(ada.id.parse::<UserId>().unwrap()).await.unwrap();
    let kept: Vec<_> = best.iter().map(|best| best.question.clone()).collect();
    let asked = app.bank.questions().filter(|question| question.kind() != Kind::Essay);
    assert_eq!(kept, asked.map(|question| question.id().to_string()).collect::<Vec<_>>());
    assert!(best.iter().all(|best| best.score == best.max_score && best.answers == 1), "{best:?}");
}

async fn a_wrong_answer_is_told_why_and_what_it_stands_for(app: TestApp) {
    let ada = app.person("Ada").await;
    let path = answers_of(&"quorums/gen-overlap");
    let question = app.bank.question(&"quorums/gen-overlap".parse().unwrap()).unwrap();
    let right = question.instance(Seed::ZERO).solution().unwrap().to_json();
    let wrong = ["a", "b", "c", "d"].into_iter().find(|id| right["choice"] != *id).unwrap();
    let marking = ada.post(&path, json!({"seed": 0, "answer": {"choice": wrong}})).await.ok(200);
    assert_eq!((&marking["score"], &marking["max_score"], &marking["correct"]), (&json!(0), &json!(1), &json!(false)));
    let feedback = &marking["feedback"][0];
    assert_eq!(feedback["choice"], wrong);
    assert_eq!(marking["misconceptions"][0]["id"], feedback["misconception"]);
    assert!(marking["misconceptions"][0]["correction"].is_string(), "{marking}");
}

async fn hints_are_told_one_by_one_and_cost(app: TestApp) {
    let ada = app.person("Ada").await;
    let id = "quorums/gen-overlap";
    let hint = ada.get(&format!("/api/v1/questions/{id}/hints/1")).await.ok(200);
    assert_eq!((&hint["number"], &hint["cost"]), (&json!(1), &json!(0.25)));
    for none in ["0", "2", "x"] {
        ada.get(&format!("/api/v1/questions/{id}/hints/{none}")).await.refused(404, "not_found");
    }
    let right = app.bank.question(&id.parse().unwrap()).unwrap().instance(Seed::ZERO).solution().unwrap().to_json();
    let marking = ada.post(&answers_of(&id), json!({"seed": 0, "answer": right, "hints": 1})).await.ok(200);
    assert_eq!((&marking["score"], &marking["correct"]), (&json!(0.75), &json!(true)));
    let too_many = ada.post(&answers_of(&id), json!({"seed": 0, "answer": right, "hints": 2})).await;
    assert_eq!(too_many.invalid(), ["/hints"]);
}

async fn an_answer_on_the_page_is_kept_as_well(app: TestApp) {
    let browser = app.signed_in("Ada").await;
    let question = app
        .bank
        .questions()
        .find(|question| question.kind() == Kind::SingleChoice && !question.is_parametric())
        .unwrap();
    let choice = question.instance(Seed::ZERO).solution().unwrap().to_json()["choice"].as_str().unwrap().to_owned();
    let page = browser.submit(&format!("/practice/{}", question.id()), &[("seed", "0"), ("choice", &choice)]).await;
    assert_eq!(page.status, 200, "{}", page.text());
    let user = browser.get("/api/v1/me").await.ok(200)["id"].as_str().unwrap().parse::<UserId>().unwrap();
    let best = app.practice.best(user).await.unwrap();
    assert_eq!((best.len(), best[0].score), (1, question.points()));
}

async fn what_does_not_fit_is_refused_with_its_place(app: TestApp) {
    let ada = app.person("Ada").await;
    let path = answers_of(&"quorums/gen-overlap");
    let places = async |body: Value| ada.post(&path, body).await.invalid();
    assert_eq!(places(json!({"seed": 0, "answer": {"choice": "z"}})).await, ["/answer/choice"]);
    assert_eq!(places(json!({"seed": 0, "answer": {"value": true}})).await, ["/answer/value"]);
    assert_eq!(places(json!({"seed": 0, "answer": null})).await, ["/answer"]);
    assert_eq!(places(json!({"seed": -1, "answer": {"choice": "a"}})).await, ["/seed"]);
    assert_eq!(places(json!({"seed": 9_007_199_254_740_992_u64, "answer": {"choice": "a"}})).await, ["/seed"]);
    assert_eq!(places(json!({"seed": 0, "answer": {"choice": "a"}, "score": 1})).await, ["/score"]);
    let deep = format!(r#"{{"seed":0,"answer":{}1{}}}"#, "[".repeat(5_000), "]".repeat(5_000));
    for (body, status, code) in [("{", 400, "malformed"), (deep.as_str(), 400, "malformed"), ("[]", 422, "invalid")] {
        let request = ada.request(reqwest::Method::POST, &path).header("content-type", "application/json");
        let answer = request.body(body.to_owned()).send().await.unwrap();
        assert_eq!(answer.status(), status, "{body:.20}");
        assert_eq!(answer.json::<Value>().await.unwrap()["code"], code, "{body:.20}");
    }
    ada.post(&answers_of(&"quorums/none"), json!({"seed": 0, "answer": {}})).await.refused(404, "not_found");
    let nobody = app.anonymous();
    nobody.post(&path, json!({"seed": 0, "answer": {"choice": "a"}})).await.refused(401, "unauthenticated");
    assert_eq!(app.practice.best(ada.id.parse().unwrap()).await.unwrap(), []);
}

async fn an_answer_to_a_changed_question_is_not_marked(app: TestApp) {
    let ada = app.person("Ada").await;
    let body = json!({"seed": 0, "answer": {"choice": "a"}, "version": "q1_0000000000000000"});
    ada.post(&answers_of(&"quorums/gen-overlap"), body).await.refused(409, "question_changed");
}

async fn the_same_key_answers_once(app: TestApp) {
    let ada = app.person("Ada").await;
    let ask = async || {
        let request = ada.request(reqwest::Method::POST, &answers_of(&"quorums/gen-overlap"));
        let request = request.header("idempotency-key", "one").json(&json!({"seed": 0, "answer": {"choice": "a"}}));
        request.send().await.unwrap().text().await.unwrap()
    };
    assert_eq!(ask().await, ask().await);
    assert_eq!(app.practice.best(ada.id.parse().unwrap()).await.unwrap()[0].answers, 1);
}

async fn answer_many(people: &[&Person], each: u64) -> Vec<u16> {
    let path = answers_of(&"quorums/gen-overlap");
    let answers = (0..each).flat_map(|seed| people.iter().map(move |person| (seed, person)));
    let asked = answers.map(|(seed, person)| person.post(&path, json!({"seed": seed, "answer": {"choice": "a"}})));
    futures_util::future::join_all(asked).await.into_iter().map(|answer| answer.status).collect()
}

async fn many_answers_at_once_are_all_kept(app: TestApp) {
    let (ada, bob) = (app.person("Ada").await, app.person("Bob").await);
    assert_eq!(answer_many(&[&ada, &bob], 60).await, [200; 120]);
    for person in [&ada, &bob] {
        assert_eq!(app.practice.best(person.id.parse().unwrap()).await.unwrap()[0].answers, 60);
    }
}

/// A token outlives its account by up to a quarter of an hour.
async fn an_account_that_is_gone_keeps_nothing_and_harms_nobody(app: TestApp) {
    let (ada, gone) = (app.person("Ada").await, app.person("Gone").await);
    let id = gone.id.clone();
    app.db
        .write(move |c| {
            use diesel::prelude::*;
            use quorate::db::schema::users;
            Ok::<_, quorate::db::Error>(diesel::delete(users::table.filter(users::id.eq(&id))).execute(c)?)
        })
        .await
        .unwrap();
    let statuses = answer_many(&[&ada, &gone], 30).await;
    assert_eq!(statuses, [200, 401].repeat(30));
    assert_eq!(app.practice.best(ada.id.parse().unwrap()).await.unwrap()[0].answers, 30);
    let prompt = app.bank.prompts().next().unwrap().id.clone();
    gone.post(&format!("/api/v1/prompts/{prompt}/responses"), json!({"text": "x"}))
        .await
        .refused(401, "unauthenticated");
}

async fn a_response_is_kept_for_a_person_to_score(app: TestApp) {
    let ada = app.person("Ada").await;
    let prompt = app.bank.prompts().next().unwrap();
    let path = format!("/api/v1/prompts/{}/responses", prompt.id);
    let kept = ada.post(&path, json!({"text": "Measure first."})).await.ok(201);
    assert_eq!(
        (&kept["text"], &kept["score"], &kept["version"]),
        (&json!("Measure first."), &Value::Null, &json!(prompt.version))
    );
    assert!(kept["id"].as_str().unwrap().starts_with("rsp_"), "{kept}");
    for wrong in
        [json!({"text": " "}), json!({"text": "é".repeat(20_001)}), json!({"text": "a\0b"}), json!({"text": 1})]
    {
        assert_eq!(ada.post(&path, wrong).await.invalid(), ["/text"]);
    }
    app.anonymous().post(&path, json!({"text": "x"})).await.refused(401, "unauthenticated");
    ada.post("/api/v1/prompts/cap/none/responses", json!({"text": "x"})).await.refused(404, "not_found");
}
