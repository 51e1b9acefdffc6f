//! An attempt of which something can't be read back: a fault of ours, which costs nobody else anything and nobody a score.

use std::time::Duration;

use diesel::prelude::*;
use quorate::accounts::Viewer;
use quorate::attempts::{EndedBy, State};
use quorate::clock::Timestamp;
use quorate::db::schema::{attempt_items as items, attempts, responses};
use quorate::id::{AttemptId, UserId};
use serde_json::{Value, json};

use super::{Demo, begin, save};
use crate::support::{Client, Person, TestApp, for_each_database};

for_each_database![
    an_unreadable_attempt_ends_and_stops_nobody,
    an_attempt_of_an_unreadable_set_stops_nobody,
    what_can_not_be_read_is_an_error_and_no_score,
];

fn id(attempt: &Value) -> AttemptId {
    attempt["id"].as_str().unwrap().parse().unwrap()
}

/// What a test damages in the rows of an attempt.
#[derive(Debug, Clone, Copy)]
enum Damage {
    Seed,
    MaxScore,
    Version,
    Answer,
    SetVersion,
}

/// Damages the first item of an attempt, or the attempt.
async fn damage(app: &TestApp, attempt: AttemptId, damage: Damage) {
    let changed = app
        .db
        .read(move |c| {
            let first = items::table.find((attempt, 1));
            Ok::<_, quorate::db::Error>(match damage {
                Damage::Seed => diesel::update(first).set(items::seed.eq(-1_i64)).execute(c)?,
                Damage::MaxScore => diesel::update(first).set(items::max_score.eq(-1)).execute(c)?,
                Damage::Version => diesel::update(first)
                    .set((items::version.eq("q1_gone"), items::wording.eq(Some("gone"))))
                    .execute(c)?,
                Damage::Answer => diesel::update(responses::table.find((attempt, 1)))
                    .set(responses::answer.eq("{\"choice\": 5}"))
                    .execute(c)?,
                Damage::SetVersion => {
                    diesel::update(attempts::table.find(attempt)).set(attempts::set_version.eq("s1_gone")).execute(c)?
                }
            })
        })
        .await
        .unwrap();
    assert_eq!(changed, 1, "{damage:?}");
}

/// How an attempt stands in the database, and what its items have earned.
async fn row(app: &TestApp, attempt: AttemptId) -> (State, Option<Timestamp>, Option<EndedBy>, Vec<Option<i32>>) {
    app.db
        .read(move |c| {
            let (state, at, by) = attempts::table
                .find(attempt)
                .select((attempts::state, attempts::submitted_at, attempts::ended_by))
                .first(c)?;
            let scores = items::table.filter(items::attempt_id.eq(attempt)).order(items::position).select(items::score);
            Ok::<_, quorate::db::Error>((state, at, by, scores.load(c)?))
        })
        .await
        .unwrap()
}

async fn answered(person: &Person, set: &str) -> Value {
    let (path, attempt) = begin(person, set).await;
    save(person, &path, 1, json!({"choice": "a"}), 1).await.ok(200);
    let second = if set == "work" { json!({"value": 7}) } else { json!({"value": true}) };
    save(person, &path, 2, second, 1).await.ok(200);
    attempt
}

async fn an_unreadable_attempt_ends_and_stops_nobody(Demo(app): Demo) {
    let (mut ada, mut ben) = (app.person("Ada").await, app.person("Ben").await);
    for kind in [Damage::Seed, Damage::MaxScore, Damage::Version, Damage::Answer] {
        (ada, ben) = (ada.sign_in_again().await, ben.sign_in_again().await);
        let broken = answered(&ada, "timed").await;
        damage(&app, id(&broken), kind).await;
        app.pass(Duration::from_secs(1));
        let whole = answered(&ben, "timed").await;
        app.pass(Duration::from_secs(20 * 60));
        app.maintenance.close_attempts().await;
        let deadline = broken["deadline"].as_str().unwrap();
        let (state, at, by, scores) = row(&app, id(&broken)).await;
        assert_eq!((state, by), (State::Submitted, Some(EndedBy::Deadline)), "{kind:?}");
        assert_eq!(serde_json::to_value(at).unwrap(), deadline, "{kind:?}");
        // What can be read is scored; the rest is not known, which is not nothing.
        assert_eq!(scores, [None, Some(2000)], "{kind:?}");
        assert_eq!(row(&app, id(&whole)).await.3, [Some(1000), Some(2000)], "{kind:?}");
    }
    // It can't be told what there was to earn in the one whose points are damaged, and the others are all there.
    let ada = ada.sign_in_again().await;
    let record = ada.get("/api/v1/me/scores").await.ok(200);
    let timed = &record["sets"][0];
    assert_eq!((&timed["attempts"], &timed["pending"], &timed["passed"]), (&json!(3), &json!(true), &Value::Null));
    assert_eq!((&timed["score"], &timed["max_score"]), (&json!(2), &json!(3)), "{record}");
    let export = ada.get("/api/v1/me/export").await.ok(200);
    assert_eq!(export["attempts"].as_array().unwrap().len(), 4, "{export}");
}

async fn an_attempt_of_an_unreadable_set_stops_nobody(Demo(app): Demo) {
    let ada = app.person("Ada").await;
    let (broken, whole) = (answered(&ada, "timed").await, answered(&ada, "work").await);
    damage(&app, id(&broken), Damage::SetVersion).await;
    app.pass(Duration::from_secs(20 * 60));
    let ada = ada.sign_in_again().await;
    // Nobody has looked yet: the record ends what is due.
    let record = ada.get("/api/v1/me/scores").await.ok(200);
    assert_eq!(record["sets"].as_array().unwrap().len(), 1, "{record}");
    assert_eq!(record["sets"][0]["attempt"], whole["id"]);
    let export = ada.get("/api/v1/me/export").await.ok(200);
    let told = export["attempts"].as_array().unwrap();
    let of = |attempt: &Value| told.iter().find(|one| one["attempt"]["id"] == attempt["id"]).unwrap();
    assert_eq!((&of(&whole)["unreadable"], &of(&whole)["result"]["score"]), (&Value::Null, &json!(2)), "{export}");
    assert_eq!((&of(&broken)["unreadable"], &of(&broken)["result"]), (&json!(true), &Value::Null), "{export}");
    let (state, .., scores) = row(&app, id(&broken)).await;
    assert_eq!((state, scores), (State::Submitted, vec![Some(1000), Some(2000)]));
    // Lists of submissions ask what its set tells.
    ada.get("/api/v1/submissions").await.ok(200);
}

async fn what_can_not_be_read_is_an_error_and_no_score(Demo(app): Demo) {
    let ada = app.person("Ada").await;
    let user: UserId = ada.id.parse().unwrap();
    for kind in [Damage::Seed, Damage::MaxScore, Damage::Version, Damage::Answer] {
        let (path, attempt) = begin(&ada, "timed").await;
        save(&ada, &path, 1, json!({"choice": "a"}), 1).await.ok(200);
        damage(&app, id(&attempt), kind).await;
        app.attempts.submit(user, id(&attempt)).await.ok();
        assert_eq!(row(&app, id(&attempt)).await.3, [None, Some(0)], "{kind:?}");
        let result = app.attempts.result(Viewer::Person(user), id(&attempt)).await;
        let error = format!("{:?}", result.unwrap_err());
        assert!(error.starts_with("Database(Corrupt"), "{kind:?}: {error}");
    }
}
