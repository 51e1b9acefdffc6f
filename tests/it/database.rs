//! Both databases: the same schema as each other and as the code's, migrations that lose nothing, writes that lose nothing.

pub mod catalog;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_migrations::{FileBasedMigrations, MigrationHarness};
use futures_util::future::join_all;
use quorate::clock::Timestamp;
use quorate::db::schema::teams;
use quorate::db::{AnyConnection, Db, Error};
use regex::Regex;

use self::catalog::Row;
use crate::support::{Backend, Database, Fixture, for_each_database};

for_each_database![
    the_schema_of_the_code_is_the_databases,
    going_down_and_up_again_is_clean,
    data_survives_every_migration,
    servers_that_start_at_once_migrate_once,
    writes_lose_nothing_of_each_other,
    a_write_that_fails_leaves_nothing,
    a_write_that_panics_leaves_nothing,
];

async fn look<T: Send + 'static>(db: &Db, look: impl FnOnce(&mut AnyConnection) -> T + Send + 'static) -> T {
    db.read(|connection| Ok::<_, Error>(look(connection))).await.unwrap()
}

async fn the_schema_of_the_code_is_the_databases(database: Database) {
    assert_eq!(look(&database.connect(), catalog::columns).await, columns_in_code());
}

/// What `catalog::columns` should say, read from the tables in `schema.rs`.
fn columns_in_code() -> BTreeSet<String> {
    let code = fs::read_to_string("src/db/schema.rs").unwrap();
    let table = Regex::new(r"table! \{\s*(\w+) \(([^)]*)\) \{([^}]*)\}").unwrap();
    let column = Regex::new(r"(\w+) -> (Nullable<)?(\w+)").unwrap();
    let mut lines = BTreeSet::new();
    for table in table.captures_iter(&code) {
        for column in column.captures_iter(&table[3]) {
            let key = table[2].split(", ").position(|key| key == &column[1]);
            let key = key.map_or_else(String::new, |place| format!(" key {}", place + 1));
            let null = column.get(2).map_or("", |_| " null");
            let kind = column[3].to_lowercase().replace("binary", "blob").replace("bool", "boolean");
            lines.insert(format!("{}.{} {kind}{null}{key}", &table[1], &column[1]));
        }
    }
    lines
}

#[test]
fn the_two_databases_have_the_same_schema() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let read = |backend, read: fn(&mut AnyConnection) -> BTreeSet<String>| {
        let database = Database::migrated(backend);
        runtime.block_on(look(&database.connect(), read))
    };
    for part in [catalog::columns, catalog::indexes, catalog::references, catalog::checks] {
        let sqlite = read(Backend::Sqlite, part);
        assert!(sqlite.len() > 5, "{sqlite:?}");
        assert_eq!(sqlite, read(Backend::Postgres, part));
    }
}

async fn going_down_and_up_again_is_clean(database: Database) {
    let db = database.connect();
    let parts = [catalog::columns, catalog::indexes, catalog::references, catalog::checks];
    let whole = async || look(&db, move |c| parts.map(|part| part(c))).await;
    let before = whole().await;
    db.revert_all().unwrap();
    assert_eq!(whole().await, [const { BTreeSet::new() }; 4]);
    db.migrate().unwrap();
    assert_eq!(whole().await, before);
}

/// A database without tables.
struct Empty(Database);

impl Fixture for Empty {
    async fn on(backend: Backend) -> Self {
        Self(Database::empty(backend))
    }
}

/// What migrations are known to lose: tables, and rows by their ids, as far as the columns are the same before and after.
///
/// `up` is a migration, `undone` is one that is undone at once, which should leave everything as it was, and `down` is one that
/// is undone later, when more rows were added.
const LOSSES: [&str; 6] = [
    // The turn of one that was graded already is forgotten.
    "undone 2026-11-28-000006_jobs: submissions sub_01",
    // No older version could deliver it.
    "down 2026-11-28-000007_outbox: jobs msg_01",
    // Sign-ins of clients move between the two tables; only the latest refresh token of each is kept.
    "up 2026-11-28-000010_sessions: refresh_tokens",
    "undone 2026-11-28-000010_sessions: refresh_tokens hash of a used token",
    "down 2026-11-28-000010_sessions: sessions ses_02",
    "down 2026-11-28-000010_sessions: sessions ses_03",
];

/// After each migration come its rows of `tests/fixtures/migrations/`, one or more for each table that it makes; those
/// that follow, and those that are undone, have to keep them as they are.
async fn data_survives_every_migration(Empty(database): Empty) {
    let (mut connection, folder) = match database.backend() {
        Backend::Sqlite => {
            let mut sqlite = SqliteConnection::establish(database.url.trim_start_matches("sqlite:")).unwrap();
            sqlite.batch_execute("PRAGMA foreign_keys = ON").unwrap();
            (AnyConnection::Sqlite(sqlite), "migrations/sqlite")
        }
        Backend::Postgres => {
            (AnyConnection::Postgres(PgConnection::establish(&database.url).unwrap()), "migrations/postgres")
        }
    };
    let c = &mut connection;
    let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    let names: Vec<String> = names.into_iter().map(|name| name.into_string().unwrap()).collect();
    let mut lost = BTreeSet::new();
    for name in &names {
        let before = catalog::rows(c);
        up(c, folder);
        let after = catalog::rows(c);
        lost.extend(losses(&before, &after, false).map(|what| format!("up {name}: {what}")));
        down(c, folder);
        lost.extend(losses(&before, &catalog::rows(c), false).map(|what| format!("undone {name}: {what}")));
        up(c, folder);
        assert_eq!(catalog::rows(c), after, "{name} does the same when it comes again");
        let data = Path::new("tests/fixtures/migrations").join(name).with_extension("sql");
        let rows = fs::read_to_string(&data)
            .unwrap_or_else(|_| panic!("{} is missing: rows as it finds them", data.display()));
        c.batch_execute(&rows).unwrap_or_else(|error| panic!("{}: {error}", data.display()));
    }
    for (table, rows) in catalog::rows(c) {
        assert!(!rows.is_empty(), "no migration's data in tests/fixtures/migrations has a row of {table}");
    }
    for name in names.iter().rev() {
        let before = catalog::rows(c);
        down(c, folder);
        lost.extend(losses(&before, &catalog::rows(c), true).map(|what| format!("down {name}: {what}")));
    }
    assert_eq!(lost, LOSSES.map(str::to_owned).into());
}

fn up(connection: &mut AnyConnection, folder: &str) {
    let source = FileBasedMigrations::from_path(folder).unwrap();
    match connection {
        AnyConnection::Sqlite(c) => drop(c.run_next_migration(source).unwrap()),
        AnyConnection::Postgres(c) => drop(c.run_next_migration(source).unwrap()),
    }
}

fn down(connection: &mut AnyConnection, folder: &str) {
    let source = FileBasedMigrations::from_path(folder).unwrap();
    match connection {
        AnyConnection::Sqlite(c) => drop(c.revert_last_migration(source).unwrap()),
        AnyConnection::Postgres(c) => drop(c.revert_last_migration(source).unwrap()),
    }
}

type Tables = BTreeMap<String, BTreeSet<Row>>;

/// Tables, and rows by the ids, that are not as they were before, as far as both have the same columns. Whoever undoes a
/// migration loses the tables that it made.
fn losses(before: &Tables, after: &Tables, tables_go: bool) -> impl Iterator<Item = String> {
    let mut lost = Vec::new();
    for (table, rows) in before {
        let Some(kept) = after.get(table) else {
            lost.extend((!tables_go).then(|| table.clone()));
            continue;
        };
        let shared = |row: &Row, other: &BTreeSet<Row>| {
            let is_shared = |name: &String| other.first().is_some_and(|other| other.contains_key(name));
            row.iter().filter(|(name, _)| is_shared(name)).map(|(name, value)| (name.clone(), value.clone())).collect()
        };
        let kept: BTreeSet<Row> = kept.iter().map(|row| shared(row, rows)).collect();
        let gone = rows.iter().filter(|row| !kept.contains(&shared(row, &kept)));
        lost.extend(gone.map(|row| {
            let id = row.get("id").or(row.get("token_hash")).map_or_else(|| format!("{row:?}"), Clone::clone);
            format!("{table} {}", id.trim_matches(['"', '\'']))
        }));
    }
    lost.into_iter()
}

async fn servers_that_start_at_once_migrate_once(Empty(database): Empty) {
    let start = || {
        let url = database.url.clone();
        tokio::task::spawn_blocking(move || Db::connect(&url).unwrap().migrate())
    };
    for started in join_all((0..4).map(|_| start())).await {
        started.unwrap().unwrap();
    }
    assert_eq!(look(&database.connect(), catalog::columns).await, columns_in_code());
}

const NOW: Timestamp = Timestamp::from_micros(0);

/// A row whose name is a number.
fn insert_counter(connection: &mut AnyConnection) -> Result<(), Error> {
    let row = (teams::id.eq("tea_counter"), teams::slug.eq("counter"), teams::name.eq("0"), teams::created_at.eq(NOW));
    diesel::insert_into(teams::table).values(row).execute(connection)?;
    Ok(())
}

fn read_counter(connection: &mut AnyConnection) -> Result<u32, Error> {
    let name: String = teams::table.select(teams::name).first(connection)?;
    Ok(name.parse().unwrap())
}

/// Reads, and writes one more than it read.
fn count(connection: &mut AnyConnection) -> Result<(), Error> {
    let more = read_counter(connection)? + 1;
    diesel::update(teams::table).set(teams::name.eq(more.to_string())).execute(connection)?;
    Ok(())
}

async fn writes_lose_nothing_of_each_other(database: Database) {
    let db = database.connect();
    db.write(insert_counter).await.unwrap();
    // Through one pool, and through another as a second server has it.
    let other = database.connect();
    let writers = (0..8).map(|writer| {
        let db = if writer % 2 == 0 { db.clone() } else { other.clone() };
        tokio::spawn(async move {
            for _ in 0..10 {
                db.write(count).await.unwrap();
            }
        })
    });
    for writer in join_all(writers).await {
        writer.unwrap();
    }
    assert_eq!(db.read(read_counter).await.unwrap(), 80);
}

async fn a_write_that_fails_leaves_nothing(database: Database) {
    let db = database.connect();
    let failed: Result<(), Error> = db
        .write(|connection| {
            insert_counter(connection)?;
            Err(Error::TaskEnded)
        })
        .await;
    assert!(matches!(failed, Err(Error::TaskEnded)));
    assert!(db.read(read_counter).await.is_err(), "nothing was kept");
    db.write(insert_counter).await.unwrap();
}

async fn a_write_that_panics_leaves_nothing(database: Database) {
    let db = database.connect();
    let failed: Result<(), Error> = db
        .write(|connection| {
            insert_counter(connection)?;
            panic!("this message is expected");
        })
        .await;
    assert!(matches!(failed, Err(Error::TaskEnded)));
    db.write(insert_counter).await.unwrap();
    assert_eq!(db.read(read_counter).await.unwrap(), 0);
}

#[test]
fn a_mistyped_address_makes_no_file() {
    for mistyped in ["postgre://host/db", "sqlite3:a.db", "data.db", "mysql://host/db", ""] {
        let error = Db::connect(mistyped).err().expect("that is no address");
        assert!(matches!(error, Error::UnknownUrl(_)), "{error}");
        assert!(!Path::new(mistyped).is_file(), "{mistyped} was made");
    }
    let hidden = Db::connect("mysql://ada:hunter2@host/db").err().unwrap().to_string();
    assert!(!hidden.contains("hunter2"), "{hidden}");
}
