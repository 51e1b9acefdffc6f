//! A migrated database of its own for each test, as a copy of one that was migrated once: of a file, or of a template.

use std::fs;
use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection, RunQueryDsl as _, SqliteConnection};
use quorate::db::Db;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use uuid::Uuid;

use super::{Fixture, environment};

/// Taken while the template is made, so that one test makes it and the others wait.
const TEMPLATE_LOCK: &str = "SELECT pg_advisory_lock(1)";

/// One of the databases that everything works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Postgres,
}

/// A database that goes away with this.
pub struct Database {
    pub url: String,
    place: Place,
}

/// What has to be cleared away.
enum Place {
    Folder { _folder: TempDir },
    Server { name: String },
}

impl Database {
    /// One with nothing in it, not even tables.
    pub fn empty(backend: Backend) -> Self {
        match backend {
            Backend::Sqlite => Self::in_folder(|_| ()),
            Backend::Postgres => Self::on_server("template0"),
        }
    }

    /// One with all tables.
    pub fn migrated(backend: Backend) -> Self {
        match backend {
            Backend::Sqlite => Self::in_folder(|file| assert_ne!(fs::copy(migrated_file(), file).unwrap(), 0)),
            Backend::Postgres => Self::on_server(&migrated_template()),
        }
    }

    /// Which of the two it is of.
    pub const fn backend(&self) -> Backend {
        match self.place {
            Place::Folder { .. } => Backend::Sqlite,
            Place::Server { .. } => Backend::Postgres,
        }
    }

    /// A pool of connections to it.
    pub fn connect(&self) -> Db {
        Db::connect(&self.url).unwrap()
    }

    fn in_folder(fill: impl FnOnce(&Path)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("quorate.db");
        fill(&file);
        let url = format!("sqlite:{}", file.display());
        Self { url, place: Place::Folder { _folder: folder } }
    }

    fn on_server(template: &str) -> Self {
        let name = format!("test_{}", Uuid::now_v7().simple());
        server().batch_execute(&format!("CREATE DATABASE {name} TEMPLATE {template}")).unwrap();
        Self { url: on_server(&name), place: Place::Server { name } }
    }
}

impl Fixture for Database {
    async fn on(backend: Backend) -> Self {
        Self::migrated(backend)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Place::Server { name } = &self.place {
            let dropped = server().batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)"));
            assert!(dropped.is_ok() || std::thread::panicking(), "{dropped:?}");
        }
    }
}

/// An SQLite file with all tables, made by the first test that asks and kept beside the other temporary files.
fn migrated_file() -> PathBuf {
    let file = std::env::temp_dir().join(format!("quorate-{}.db", version("sqlite")));
    if !file.exists() {
        let database = Database::empty(Backend::Sqlite);
        database.connect().migrate().unwrap();
        // Whole in one file, without a journal, and under its name only when it is whole.
        let whole = file.with_extension(Uuid::now_v7().simple().to_string());
        let path = database.url.trim_start_matches("sqlite:");
        let vacuum = format!("VACUUM INTO '{}'", whole.display());
        SqliteConnection::establish(path).unwrap().batch_execute(&vacuum).unwrap();
        fs::rename(&whole, &file).unwrap();
    }
    file
}

/// The name of a PostgreSQL database with all tables, made by the first test that asks.
fn migrated_template() -> String {
    let name = format!("template_{}", version("postgres"));
    let mut server = server();
    server.batch_execute(TEMPLATE_LOCK).unwrap();
    if !databases(&mut server).contains(&name) {
        server.batch_execute(&format!("CREATE DATABASE {name} TEMPLATE template0")).unwrap();
        Db::connect(&on_server(&name)).unwrap().migrate().unwrap();
    }
    name
}

fn databases(server: &mut PgConnection) -> Vec<String> {
    use diesel::dsl::sql;
    use diesel::sql_types::Text;
    diesel::select(sql::<diesel::sql_types::Array<Text>>("ARRAY(SELECT datname::text FROM pg_database)"))
        .get_result(server)
        .unwrap()
}

fn server() -> PgConnection {
    PgConnection::establish(&on_server("postgres")).unwrap()
}

/// The address of a database on the server: `postgres:///name?host=…`.
fn on_server(name: &str) -> String {
    environment::postgres().replacen(":///", &format!(":///{name}"), 1)
}

/// Tells one state of the migrations from another.
fn version(folder: &str) -> String {
    let folder = Path::new("migrations").join(folder);
    let mut names: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    let digest = names.iter().fold(Sha256::new(), |digest, name| {
        digest.chain_update(name.to_string_lossy().as_bytes()).chain_update(fs::read(name.join("up.sql")).unwrap())
    });
    digest.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}
