//! Where the data is, and the pool of connections to it.

use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::r2d2::{self, R2D2Connection};
use diesel::{Connection as _, ConnectionError, ConnectionResult, RunQueryDsl as _};

use super::{AnyConnection, Error};

pub(super) type Pool = r2d2::Pool<Manager>;

/// How long a caller waits for a connection before it is told that there is none.
const WAIT: Duration = Duration::from_secs(10);

/// Who may use the file of an SQLite database: its owner.
const PRIVATE: u32 = 0o600;
/// The bits of everybody else.
const OTHERS: u32 = 0o077;

/// Run on every new SQLite connection: first the wait for locks, since all that follows may meet one. A commit is on the
/// disk when it returns (`FULL`), since it may be a score. What is deleted is overwritten with zeros, since it may be what
/// somebody had erased.
const SQLITE_SETUP: &str = "PRAGMA busy_timeout = 10000;
     PRAGMA journal_mode = WAL;
     PRAGMA synchronous = FULL;
     PRAGMA foreign_keys = ON;
     PRAGMA secure_delete = ON;
     PRAGMA cache_size = -4096;";

/// Run to empty the journal, without a wait for those who use it: all others would wait behind it.
const EMPTY_JOURNAL: &str = "PRAGMA wal_checkpoint(TRUNCATE)";
/// Run before it, so that nobody who writes waits for it.
const WAIT_FOR_NOBODY: &str = "PRAGMA busy_timeout = 0";
/// How often it's tried in a row while somebody uses the journal, and the wait between two tries.
const EMPTY_JOURNAL_TRIES: u32 = 20;
const EMPTY_JOURNAL_WAIT: std::time::Duration = std::time::Duration::from_millis(50);
/// Run after it, as in [`SQLITE_SETUP`].
const WAIT_AGAIN: &str = "PRAGMA busy_timeout = 10000";

/// A database address. Told apart here, since diesel would make a file named after a mistyped URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// The file of an SQLite database, written `sqlite:path` or `sqlite://path`.
    Sqlite(PathBuf),
    /// `postgres://…` or `postgresql://…`, whole.
    Postgres(String),
}

impl FromStr for Target {
    type Err = Error;

    fn from_str(url: &str) -> Result<Self, Error> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(url.to_owned()));
        }
        match url.strip_prefix("sqlite:") {
            Some(rest) if !rest.trim_start_matches("//").is_empty() => {
                Ok(Self::Sqlite(rest.strip_prefix("//").unwrap_or(rest).into()))
            }
            _ => Err(Error::UnknownUrl(without_password(url))),
        }
    }
}

/// An address may hold a password before its `@`; messages must not.
fn without_password(url: &str) -> String {
    url.rsplit_once('@').map_or_else(|| url.to_owned(), |(_, rest)| format!("…@{rest}"))
}

/// Makes connections to one target.
#[derive(Debug)]
pub(super) struct Manager(Target);

impl Manager {
    fn establish(&self) -> ConnectionResult<AnyConnection> {
        match &self.0 {
            Target::Sqlite(path) => {
                let mut connection = diesel::SqliteConnection::establish(&path.to_string_lossy())?;
                connection.batch_execute(SQLITE_SETUP).map_err(ConnectionError::CouldntSetupConfiguration)?;
                Ok(AnyConnection::Sqlite(connection))
            }
            Target::Postgres(url) => diesel::PgConnection::establish(url).map(AnyConnection::Postgres),
        }
    }
}

impl r2d2::ManageConnection for Manager {
    type Connection = AnyConnection;
    type Error = r2d2::Error;

    fn connect(&self) -> Result<AnyConnection, r2d2::Error> {
        self.establish().map_err(r2d2::Error::ConnectionError)
    }

    fn is_valid(&self, connection: &mut AnyConnection) -> Result<(), r2d2::Error> {
        connection.ping().map_err(r2d2::Error::QueryError)
    }

    fn has_broken(&self, connection: &mut AnyConnection) -> bool {
        connection.is_broken()
    }
}

/// Writes the journal of an SQLite database back and empties it; `false` when somebody used it all the time.
pub(super) fn empty_journal(connection: &mut diesel::SqliteConnection) -> diesel::QueryResult<bool> {
    connection.batch_execute(WAIT_FOR_NOBODY)?;
    let mut emptied = checkpoint(connection);
    for _ in 1..EMPTY_JOURNAL_TRIES {
        if !matches!(emptied, Ok(false)) {
            break;
        }
        std::thread::sleep(EMPTY_JOURNAL_WAIT);
        emptied = checkpoint(connection);
    }
    connection.batch_execute(WAIT_AGAIN)?;
    emptied
}

/// What `PRAGMA wal_checkpoint` answers: that it was in somebody's way is no error.
#[derive(diesel::QueryableByName)]
struct Checkpoint {
    #[diesel(sql_type = diesel::sql_types::Integer)]
    busy: i32,
}

fn checkpoint(connection: &mut diesel::SqliteConnection) -> diesel::QueryResult<bool> {
    let outcome: Checkpoint = diesel::sql_query(EMPTY_JOURNAL).get_result(connection)?;
    Ok(outcome.busy == 0)
}

/// Makes an SQLite file that is its owner's alone, wherever it lies; SQLite gives its journals the same permissions. A file that is
/// there is never opened here: to close it again would end the locks that other connections of this process hold on it.
fn keep_private(target: &Target) -> std::io::Result<()> {
    let Target::Sqlite(path) = target else { return Ok(()) };
    match std::fs::metadata(path) {
        Ok(found) if found.permissions().mode() & OTHERS == 0 => Ok(()),
        Ok(_) => std::fs::set_permissions(path, std::fs::Permissions::from_mode(PRIVATE)),
        Err(_) => {
            let made = std::fs::OpenOptions::new().write(true).create_new(true).mode(PRIVATE).open(path);
            made.map(drop).or_else(|error| match error.kind() {
                // Another process was faster.
                std::io::ErrorKind::AlreadyExists => Ok(()),
                _ => Err(error),
            })
        }
    }
}

pub(super) fn open(target: &Target, size: u32) -> Result<Pool, Error> {
    keep_private(target).map_err(Error::File)?;
    // A file can't go away between two uses; a server can.
    let check = matches!(target, Target::Postgres(_));
    Ok(r2d2::Pool::builder()
        .max_size(size)
        .min_idle(Some(1))
        .test_on_check_out(check)
        .connection_timeout(WAIT)
        .build(Manager(target.clone()))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_two_schemes_are_taken() {
        assert_eq!("sqlite:a/b.db".parse::<Target>().unwrap(), Target::Sqlite("a/b.db".into()));
        assert_eq!("sqlite:///a.db".parse::<Target>().unwrap(), Target::Sqlite("/a.db".into()));
        assert!(matches!("postgres://h/d".parse::<Target>().unwrap(), Target::Postgres(_)));
        for wrong in ["", "sqlite:", "postgre://h/d", "mysql://h", "data.db"] {
            assert!(wrong.parse::<Target>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_refused_address_hides_its_password() {
        let message = "mysql://me:secret@host/db".parse::<Target>().unwrap_err().to_string();
        assert!(!message.contains("secret"), "{message}");
    }
}
