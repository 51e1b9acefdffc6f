//! Maintenance ends what is due, however much that is, and whatever can't be ended.

use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use quorate::attempts::State;
use quorate::db::schema::attempts;

use super::{Demo, begin};
use crate::support::{Backend, TestApp, for_each_database};

for_each_database![many_that_fail_to_end_keep_no_other_from_it, an_attempt_without_an_id_keeps_no_other_from_ending,];

/// More than are read from the database at once.
const STUCK: i64 = 250;
/// Longer than the longest wait before an attempt that failed to end is tried again.
const LONG: Duration = Duration::from_secs(3600);

pub(super) fn backend_of(app: &TestApp) -> Backend {
    if app.config.database_url.starts_with("sqlite:") { Backend::Sqlite } else { Backend::Postgres }
}

pub(super) async fn run(app: &TestApp, sql: String) {
    app.db.read(move |c| Ok::<_, quorate::db::Error>(c.batch_execute(&sql)?)).await.unwrap();
}

/// Makes the database refuse to end the attempts at the set `stuck`.
async fn refuse_to_end(app: &TestApp, backend: Backend) {
    let sql = match backend {
        Backend::Sqlite => {
            "CREATE TRIGGER stuck BEFORE UPDATE ON attempts WHEN OLD.set_slug = 'stuck'
             BEGIN SELECT RAISE(ABORT, 'stuck'); END"
        }
        Backend::Postgres => {
            "CREATE FUNCTION stuck() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'stuck'; END $$;
             CREATE TRIGGER stuck BEFORE UPDATE ON attempts FOR EACH ROW WHEN (OLD.set_slug = 'stuck')
             EXECUTE FUNCTION stuck()"
        }
    };
    run(app, sql.to_owned()).await;
}

/// Inserts attempts at the set `stuck` whose deadline passed long ago.
async fn insert_stuck(app: &TestApp, user: &str) {
    run(
        app,
        format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {STUCK})
             INSERT INTO attempts (id, user_id, set_slug, set_version, state, started_at, deadline)
             SELECT 'att_000000000000000000000000000' || CAST(10000 + i AS TEXT), '{user}', 'stuck', 's1_0', 'open', 1, 2
             FROM n"
        ),
    )
    .await;
}

/// How many attempts at a set are open.
async fn open(app: &TestApp, set: &'static str) -> i64 {
    let open = attempts::table.filter(attempts::set_slug.eq(set)).filter(attempts::state.eq(State::Open));
    app.db.read(move |c| Ok::<_, quorate::db::Error>(open.count().get_result(c)?)).await.unwrap()
}

async fn many_that_fail_to_end_keep_no_other_from_it(Demo(app): Demo) {
    let (ada, backend) = (app.person("Ada").await, backend_of(&app));
    begin(&ada, "timed").await;
    insert_stuck(&app, &ada.id).await;
    refuse_to_end(&app, backend).await;
    app.pass(Duration::from_secs(20 * 60));
    app.maintenance.close_attempts().await;
    assert_eq!((open(&app, "stuck").await, open(&app, "timed").await), (STUCK, 0));

    // What failed is passed over for a while, and then tried again.
    let mended = match backend {
        Backend::Sqlite => "DROP TRIGGER stuck",
        Backend::Postgres => "DROP TRIGGER stuck ON attempts",
    };
    run(&app, mended.to_owned()).await;
    app.maintenance.close_attempts().await;
    assert_eq!(open(&app, "stuck").await, STUCK);
    app.pass(LONG);
    app.maintenance.close_attempts().await;
    assert_eq!(open(&app, "stuck").await, 0);
}

async fn an_attempt_without_an_id_keeps_no_other_from_ending(Demo(app): Demo) {
    let ada = app.person("Ada").await;
    begin(&ada, "timed").await;
    insert_stuck(&app, &ada.id).await;
    run(&app, "UPDATE attempts SET id = substr(id, 5) WHERE set_slug = 'stuck'".to_owned()).await;
    app.pass(Duration::from_secs(20 * 60));
    app.maintenance.close_attempts().await;
    assert_eq!(open(&app, "timed").await, 0);
}
