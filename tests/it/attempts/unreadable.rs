//! An attempt of which something can't be read back: a fault of ours, which costs nobody else anything and nobody a score.

use std::time::Duration;

use diesel::prelude::*;
use quorate::accounts::Viewer;
use quorate::attempts::{Attempts, EndedBy, State};
use quorate::clock::Timestamp;
use quorate::db::schema::{attempt_items as items, attempts, responses};
use quorate::id::{AttemptId, UserId};
use serde_json::{Value, json};

use super::closing::{backend_of, run};
use super::{Demo, another_bank, begin, save};
use crate::support::{Backend, Client, TestApp, for_each_database};

for_each_database![
    an_unreadable_attempt_ends_and_stops_nobody,
    an_attempt_of_an_unreadable_set_stops_nobody,
    what_can_not_be_read_has_no_score,
    an_unreadable_item_hides_no_other,
    what_becomes_readable_again_is_scored,
    a_question_that_is_put_back_is_scored,
    an_attempt_that_fails_to_be_scored_keeps_no_other_from_it,
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
    Counted,
    SetVersion,
}

/// The damages that leave what an item is worth readable.
const OF_CONTENT: [Damage; 3] = [Damage::Seed, Damage::Version, Damage::Answer];

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
                Damage::Counted => {
                    diesel::update(first).set(items::counted_submission.eq(Some("sub_gone"))).execute(c)?
                }
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

async fn answered(person: &impl Client, set: &str) -> Value {
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

async fn what_can_not_be_read_has_no_score(Demo(app): Demo) {
    let ada = app.person("Ada").await;
    let user: UserId = ada.id.parse().unwrap();
    for kind in OF_CONTENT.into_iter().chain([Damage::MaxScore]) {
        let (path, attempt) = begin(&ada, "timed").await;
        save(&ada, &path, 1, json!({"choice": "a"}), 1).await.ok(200);
        damage(&app, id(&attempt), kind).await;
        app.attempts.submit(user, id(&attempt)).await.ok();
        assert_eq!(row(&app, id(&attempt)).await.3, [None, Some(0)], "{kind:?}");
        let result = app.attempts.result(Viewer::Person(user), id(&attempt)).await;
        if matches!(kind, Damage::MaxScore) {
            // Nobody knows what there was to earn as a whole.
            let error = format!("{:?}", result.unwrap_err());
            assert!(error.starts_with("Database(Corrupt"), "{kind:?}: {error}");
        } else {
            let (total, items) = result.map(|result| (result.total, result.items)).unwrap();
            assert_eq!((total.pending, total.passed), (true, None), "{kind:?}");
            assert_eq!((items[0].pending, items[0].unreadable, items[0].score), (true, true, None), "{kind:?}");
        }
    }
}

async fn an_unreadable_item_hides_no_other(Demo(app): Demo) {
    let ada = app.signed_in("Ada").await;
    for kind in [Damage::Seed, Damage::Version, Damage::Counted] {
        let attempt = answered(&ada, "timed").await;
        let (path, page) = (format!("/api/v1/attempts/{}", id(&attempt)), format!("/attempts/{}", id(&attempt)));
        damage(&app, id(&attempt), kind).await;
        let shown = ada.get(&path).await.ok(200);
        assert_eq!(shown["items"][1]["response"]["answer"], json!({"value": true}), "{kind:?}: {shown}");
        let is_lost = !matches!(kind, Damage::Counted);
        assert_eq!(shown["items"][0]["unreadable"], if is_lost { json!(true) } else { Value::Null }, "{kind:?}");
        assert_eq!(ada.open(&format!("{page}/items/1")).await.contains("can't be shown"), is_lost, "{kind:?}");
        assert!(ada.open(&format!("{page}/items/2")).await.contains("answer-form"), "{kind:?}");
        save(&ada, &path, 2, json!({"value": false}), 2).await.ok(200);
        ada.post(&format!("{path}/submit"), json!({})).await.ok(200);
        let result = ada.get(&format!("{path}/result")).await.ok(200);
        assert_eq!(
            (&result["pending"], &result["items"][1]["score"]),
            (&json!(is_lost), &json!(0)),
            "{kind:?}: {result}"
        );
        assert_eq!(result["items"][1]["review"]["correct"], false, "{kind:?}: {result}");
        assert_eq!(result["items"][0]["unreadable"], is_lost, "{kind:?}: {result}");
        let page = ada.open(&format!("{page}/result")).await;
        assert_eq!(page.contains("to be scored, of 1 point"), is_lost, "{kind:?}: {page}");
        assert_eq!(page.contains("can't be read at the moment"), is_lost, "{kind:?}: {page}");
    }
}

/// The columns of the first item and its answer, as they were before a damage.
async fn columns(app: &TestApp, attempt: AttemptId) -> (i64, String, Option<String>, String) {
    app.db
        .read(move |c| {
            let (seed, version, wording) =
                items::table.find((attempt, 1)).select((items::seed, items::version, items::wording)).first(c)?;
            let answer = responses::table.find((attempt, 1)).select(responses::answer).first(c)?;
            Ok::<_, quorate::db::Error>((seed, version, wording, answer))
        })
        .await
        .unwrap()
}

async fn mend(app: &TestApp, attempt: AttemptId, columns: (i64, String, Option<String>, String)) {
    let (seed, version, wording, answer) = columns;
    app.db
        .write(move |c| {
            diesel::update(items::table.find((attempt, 1)))
                .set((items::seed.eq(seed), items::version.eq(&version), items::wording.eq(&wording)))
                .execute(c)?;
            diesel::update(responses::table.find((attempt, 1))).set(responses::answer.eq(&answer)).execute(c)?;
            Ok::<_, quorate::db::Error>(())
        })
        .await
        .unwrap();
}

async fn what_becomes_readable_again_is_scored(Demo(app): Demo) {
    let mut ada = app.person("Ada").await;
    for kind in OF_CONTENT {
        ada = ada.sign_in_again().await;
        let attempt = answered(&ada, "timed").await;
        let before = columns(&app, id(&attempt)).await;
        damage(&app, id(&attempt), kind).await;
        app.pass(Duration::from_secs(20 * 60));
        app.maintenance.close_attempts().await;

        let rescored = app.attempts.rescore().await.unwrap();
        let unreadable: Vec<_> = rescored.unreadable.iter().map(|(item, _)| (item.attempt, item.position)).collect();
        assert_eq!((rescored.items, unreadable), (0, vec![(id(&attempt), 1)]), "{kind:?}");

        mend(&app, id(&attempt), before).await;
        // A score that is known stays what it is.
        let other = diesel::update(items::table.find((id(&attempt), 2))).set(items::score.eq(Some(500)));
        app.db.read(move |c| Ok::<_, quorate::db::Error>(other.execute(c)?)).await.unwrap();
        app.maintenance.rescore().await;
        assert_eq!(row(&app, id(&attempt)).await.3, [Some(1000), Some(500)], "{kind:?}");
        ada = ada.sign_in_again().await;
        let result = ada.get(&format!("/api/v1/attempts/{}/result", id(&attempt))).await.ok(200);
        assert_eq!((&result["pending"], &result["items"][0]["unreadable"]), (&json!(false), &json!(false)), "{kind:?}");
    }
}

/// Before words were kept with attempts, a question was read from the bank where that had its version.
async fn a_question_that_is_put_back_is_scored(Demo(app): Demo) {
    let ada = app.person("Ada").await;
    let attempt = answered(&ada, "timed").await;
    let open = answered(&ada, "work").await;
    let forget = diesel::update(items::table).set(items::wording.eq(None::<String>));
    app.db.read(move |c| Ok::<_, quorate::db::Error>(forget.execute(c)?)).await.unwrap();
    let retired = another_bank(|text| text.replace("answer = true", "answer = false"));
    let retired = Attempts::new(app.db.clone(), app.clock.clone(), retired);
    retired.submit(ada.id.parse().unwrap(), id(&attempt)).await.unwrap();
    assert_eq!(row(&app, id(&attempt)).await.3, [Some(1000), None]);

    let rescored = app.attempts.rescore().await.unwrap();
    assert_eq!((rescored.items, rescored.unreadable.len()), (1, 0));
    assert_eq!(row(&app, id(&attempt)).await.3, [Some(1000), Some(2000)]);
    // What is not over is not scored.
    assert!(row(&app, id(&open)).await.3.iter().all(Option::is_none));
}

async fn an_attempt_that_fails_to_be_scored_keeps_no_other_from_it(Demo(app): Demo) {
    let people = [app.person("Ada").await, app.person("Ben").await, app.person("Eve").await];
    let mut ids = Vec::new();
    for person in &people {
        let attempt = id(&answered(person, "timed").await);
        app.attempts.submit(person.id.parse().unwrap(), attempt).await.unwrap();
        ids.push(attempt);
    }
    let forget = diesel::update(items::table).set(items::score.eq(None::<i32>));
    app.db.read(move |c| Ok::<_, quorate::db::Error>(forget.execute(c)?)).await.unwrap();
    let stuck = ids[1];
    let refuse = match backend_of(&app) {
        Backend::Sqlite => format!(
            "CREATE TRIGGER stuck BEFORE UPDATE ON attempt_items WHEN OLD.attempt_id = '{stuck}'
             BEGIN SELECT RAISE(ABORT, 'stuck'); END"
        ),
        Backend::Postgres => format!(
            "CREATE FUNCTION stuck() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'stuck'; END $$;
             CREATE TRIGGER stuck BEFORE UPDATE ON attempt_items FOR EACH ROW WHEN (OLD.attempt_id = '{stuck}')
             EXECUTE FUNCTION stuck()"
        ),
    };
    run(&app, refuse).await;
    let rescored = app.attempts.rescore().await.unwrap();
    let failed: Vec<_> = rescored.failed.iter().map(|(attempt, _)| *attempt).collect();
    assert_eq!((rescored.items, rescored.unreadable.len(), failed), (4, 0, vec![stuck]));
    for attempt in ids {
        let is_scored = row(&app, attempt).await.3.iter().all(Option::is_some);
        assert_eq!(is_scored, attempt != stuck);
    }
}
