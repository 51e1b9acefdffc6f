//! A result says what was said of a question when it was answered, whatever the files say by now.

use std::fs;

use diesel::prelude::*;
use quorate::accounts::Viewer;
use quorate::attempts::Attempts;
use quorate::db::AnyConnection;
use quorate::db::schema::{attempt_items as items, bank_sources};
use quorate::id::{AttemptId, UserId};
use serde_json::json;

use super::{Demo, another_bank, begin, save};
use crate::support::{Client, TestApp, for_each_database};

for_each_database![
    a_result_keeps_the_words_of_its_time,
    where_words_were_not_kept_those_of_the_bank_are_shown,
    where_the_version_is_gone_its_stored_text_is_shown,
];

/// The service with other words in every text that can't alter a score: the version of no question differs.
fn reworded(app: &TestApp) -> Attempts {
    let bank = another_bank(|text| {
        text.replace("SECRET-EXPLANATION", "LATER-EXPLANATION")
            .replace("SECRET-FEEDBACK", "LATER-FEEDBACK")
            .replace("A guess is as good as a count.", "LATER-BELIEF")
            .replace("It is not.", "LATER-CORRECTION")
            .replace("Two of them", "LATER-TITLE")
    });
    Attempts::new(app.db.clone(), app.clock.clone(), bank)
}

async fn user_of(session: &impl Client) -> UserId {
    session.get("/session").await.ok(200)["user"].as_str().unwrap().parse().unwrap()
}

async fn told(attempts: &Attempts, user: UserId, id: AttemptId) -> String {
    serde_json::to_string(&attempts.result(Viewer::Person(user), id).await.unwrap()).unwrap()
}

fn holds(text: &str, words: &[&str], not: &[&str]) {
    for word in words {
        assert!(text.contains(word), "{word} is missing: {text}");
    }
    for word in not {
        assert!(!text.contains(word), "{word} is of another time: {text}");
    }
}

const BEFORE: [&str; 5] =
    ["SECRET-EXPLANATION", "SECRET-FEEDBACK", "A guess is as good as a count.", "It is not.", "Two of them"];
const LATER: [&str; 5] = ["LATER-EXPLANATION", "LATER-FEEDBACK", "LATER-BELIEF", "LATER-CORRECTION", "LATER-TITLE"];

async fn a_result_keeps_the_words_of_its_time(Demo(app): Demo) {
    let ada = app.signed_in("Ada").await;
    let user = user_of(&ada).await;
    let (path, attempt) = begin(&ada, "timed").await;
    save(&ada, &path, 1, json!({"choice": "b"}), 1).await.ok(200);
    ada.post(&format!("{path}/submit"), json!({})).await.ok(200);
    let id: AttemptId = attempt["id"].as_str().unwrap().parse().unwrap();
    let now = reworded(&app);
    holds(&told(&app.attempts, user, id).await, &BEFORE, &LATER);
    holds(&told(&now, user, id).await, &BEFORE, &LATER);

    // One that begins with the new words keeps those, also when the bank has the old ones again.
    let later = now.begin(user, &"timed".parse().unwrap()).await.unwrap().attempt;
    assert_eq!(
        later.items[0].question.as_ref().unwrap().version,
        serde_json::from_value(attempt["items"][0]["question"]["version"].clone()).unwrap()
    );
    let path = format!("/api/v1/attempts/{}", later.id);
    save(&ada, &path, 1, json!({"choice": "b"}), 1).await.ok(200);
    ada.post(&format!("{path}/submit"), json!({})).await.ok(200);
    for attempts in [&app.attempts, &now] {
        holds(&told(attempts, user, later.id).await, &LATER, &BEFORE);
    }
    holds(&ada.open(&format!("/attempts/{}/result", later.id)).await, &LATER, &BEFORE);
    holds(&ada.open(&format!("/attempts/{id}/result")).await, &BEFORE, &LATER);
}

/// Ends an attempt of a time when words weren't kept, and returns its path and its id.
async fn without_words(app: &TestApp, ada: &impl Client) -> (String, AttemptId) {
    let (path, attempt) = begin(ada, "timed").await;
    let id: AttemptId = attempt["id"].as_str().unwrap().parse().unwrap();
    save(ada, &path, 1, json!({"choice": "b"}), 1).await.ok(200);
    let forget = diesel::update(items::table.filter(items::attempt_id.eq(id))).set(items::wording.eq(None::<String>));
    assert_eq!(app.db.read(move |c| Ok::<_, quorate::db::Error>(forget.execute(c)?)).await.unwrap(), 2);
    ada.post(&format!("{path}/submit"), json!({})).await.ok(200);
    (path, id)
}

async fn where_words_were_not_kept_those_of_the_bank_are_shown(Demo(app): Demo) {
    let ada = app.signed_in("Ada").await;
    let (path, id) = without_words(&app, &ada).await;
    let result = ada.get(&format!("{path}/result")).await.ok(200);
    let review = &result["items"][0]["review"];
    assert_eq!((&review["wording_kept"], &review["correct"]), (&json!(false), &json!(false)), "{result}");
    holds(&result.to_string(), &BEFORE, &LATER);
    holds(&ada.open(&format!("/attempts/{id}/result")).await, &["weren't kept with this attempt"], &LATER);
    // The version is the same, so what the bank says now is about the same question.
    holds(&told(&reworded(&app), user_of(&ada).await, id).await, &LATER, &BEFORE);
}

async fn where_the_version_is_gone_its_stored_text_is_shown(Demo(app): Demo) {
    let ada = app.signed_in("Ada").await;
    let (_, id) = without_words(&app, &ada).await;
    let first = items::table.find((id, 1)).select((items::name, items::version));
    let source = fs::read_to_string("tests/fixtures/bank/demo/choice.toml").unwrap();
    let keep = move |c: &mut AnyConnection| {
        let (name, version) = first.first::<(String, String)>(c)?;
        let row = (
            bank_sources::kind.eq("question"),
            bank_sources::name.eq(name),
            bank_sources::version.eq(version),
            bank_sources::source.eq(&source),
        );
        Ok::<_, quorate::db::Error>(diesel::insert_into(bank_sources::table).values(row).execute(c)?)
    };
    app.db.read(keep).await.unwrap();
    let another = another_bank(|text| {
        let text = text.replace("SECRET-EXPLANATION", "LATER-EXPLANATION");
        text.replace("answer = true", "answer = false").replace("\"This\"", "\"Another\"")
    });
    let another = Attempts::new(app.db.clone(), app.clock.clone(), another);
    let result = another.result(Viewer::Person(user_of(&ada).await), id).await.unwrap();
    let told = serde_json::to_string(&result.items[0]).unwrap();
    holds(&told, &BEFORE, &LATER);
    // The other question is neither in the bank nor stored.
    assert!(result.items[1].unreadable && result.items[1].review.is_none());
}
