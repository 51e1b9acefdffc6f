//! One Diesel code base over SQLite (the embedded default) and PostgreSQL.
//!
//! Everything that reads and then writes goes through [`Db::write`], which is `BEGIN IMMEDIATE` on SQLite and
//! `SERIALIZABLE` on PostgreSQL and runs its closure again when the database asks for that. A plain `transaction` would
//! be DEFERRED on SQLite, which fails with "database is locked" under load, and would lose updates on PostgreSQL.

mod connection;
mod error;
mod migrate;
mod pool;
pub mod schema;
mod types;

use std::sync::Arc;
use std::time::Duration;

use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use tokio::sync::Semaphore;

pub use connection::AnyConnection;
pub use error::{Error, Failure, Result, StatementError};
pub(crate) use types::{column_type, stored_as_text, text_enum};

/// Repeats an expression per database, for what a `MultiConnection` cannot express
/// (`on_conflict`, batch insert, `returning`, `skip_locked`).
macro_rules! each_database {
    ($connection:expr, $concrete:ident => $body:expr) => {
        match $connection {
            $crate::db::AnyConnection::Sqlite($concrete) => $body,
            $crate::db::AnyConnection::Postgres($concrete) => $body,
        }
    };
}
pub(crate) use each_database;

/// Connections in the pool.
const CONNECTIONS: u32 = 8;
/// How often a write is run again before it fails.
const WRITE_TRIES: u32 = 24;

/// The database: cheap to clone, shared by all.
#[derive(Clone)]
pub struct Db {
    pool: pool::Pool,
    /// Keeps waiting callers out of the blocking threads.
    connections: Arc<Semaphore>,
    /// SQLite has one writer; waiting here is fairer and cheaper than its busy handler.
    writers: Arc<Semaphore>,
}

impl Db {
    /// Connects to `url`. Makes the file of an SQLite database that is not there yet.
    ///
    /// # Errors
    /// When the URL is of neither database, or it does not answer.
    pub fn connect(url: &str) -> Result<Self> {
        let target: pool::Target = url.parse()?;
        let pool = pool::open(&target, CONNECTIONS)?;
        let writers = match target {
            pool::Target::Sqlite(_) => 1,
            pool::Target::Postgres(_) => CONNECTIONS,
        };
        Ok(Self {
            pool,
            connections: Arc::new(Semaphore::new(permits(CONNECTIONS))),
            writers: Arc::new(Semaphore::new(permits(writers))),
        })
    }

    /// Brings the schema up to date. Safe to call from several processes at once.
    ///
    /// # Errors
    /// When a migration fails; nothing of it remains then.
    pub fn migrate(&self) -> Result<()> {
        migrate::run(&mut *self.pool.get()?)
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// When the database doesn't answer.
    pub async fn ping(&self) -> Result<()> {
        use diesel::connection::SimpleConnection as _;
        self.read(|connection| Ok(connection.batch_execute("SELECT 1")?)).await
    }

    /// Empties the journal of an SQLite database, in which what was deleted can still be read. While somebody reads or writes,
    /// it's left for the next time. PostgreSQL sees to its journal itself.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn empty_journal(&self) -> Result<()> {
        self.read(|connection| match connection {
            AnyConnection::Sqlite(connection) => Ok(pool::empty_journal(connection)?),
            AnyConnection::Postgres(_) => Ok(()),
        })
        .await
    }

    /// Undoes all migrations: for tests of the migrations alone.
    ///
    /// # Errors
    /// When a migration can't be undone.
    pub fn revert_all(&self) -> Result<()> {
        migrate::revert_all(&mut *self.pool.get()?)
    }

    /// Runs `work`, which only reads (or makes one statement that stands by itself), on a blocking thread.
    ///
    /// # Errors
    /// What `work` says, or that no connection could be had.
    pub async fn read<T, E>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: Failure,
    {
        let permit = Arc::clone(&self.connections).acquire_owned().await;
        let pool = self.pool.clone();
        blocking(move || {
            let _permit = permit;
            work(&mut *pool.get().map_err(Error::from)?)
        })
        .await
    }

    /// Runs `work` in a transaction that is alone in the world; again, from the start, when the database could not keep
    /// it so. `work` must not do anything that running it twice would do twice, other than to the database.
    ///
    /// # Errors
    /// What `work` says (and then nothing is written), or that the database gave up.
    pub async fn write<T, E>(
        &self,
        work: impl FnMut(&mut AnyConnection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: Failure,
    {
        let writer = Arc::clone(&self.writers).acquire_owned().await;
        let permit = Arc::clone(&self.connections).acquire_owned().await;
        let pool = self.pool.clone();
        blocking(move || {
            let _permits = (writer, permit);
            write(&mut *pool.get().map_err(Error::from)?, work)
        })
        .await
    }
}

fn permits(count: u32) -> usize {
    usize::try_from(count).unwrap_or(1)
}

async fn blocking<T, E>(work: impl FnOnce() -> Result<T, E> + Send + 'static) -> Result<T, E>
where
    T: Send + 'static,
    E: Failure,
{
    let span = tracing::Span::current();
    tokio::task::spawn_blocking(move || span.in_scope(work)).await.unwrap_or_else(|_| Err(Error::TaskEnded.into()))
}

/// [`Db::write`] for a thread that may block and has a connection.
///
/// # Errors
/// What `work` returns, or that the database gave up, as for [`Db::write`].
pub fn write<T, E: Failure>(
    connection: &mut AnyConnection,
    mut work: impl FnMut(&mut AnyConnection) -> Result<T, E>,
) -> Result<T, E> {
    let mut tries = 0;
    loop {
        tries += 1;
        match write_once(connection, &mut work) {
            Err(error) if tries < WRITE_TRIES && error.statement().is_some_and(may_be_retried) => {
                std::thread::sleep(backoff(tries));
            }
            outcome => return outcome,
        }
    }
}

fn write_once<T, E: Failure>(
    connection: &mut AnyConnection,
    work: &mut impl FnMut(&mut AnyConnection) -> Result<T, E>,
) -> Result<T, E> {
    begin(connection).map_err(Error::from)?;
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| work(connection)));
    match outcome {
        Ok(Ok(value)) => match commit(connection) {
            Ok(()) => Ok(value),
            Err(error) => {
                // A commit that failed may have ended the transaction or not.
                let _ = roll_back(connection);
                Err(Error::from(error).into())
            }
        },
        Ok(Err(error)) => {
            roll_back(connection).map_err(Error::from)?;
            Err(error)
        }
        Err(panic) => {
            let _ = roll_back(connection);
            std::panic::resume_unwind(panic)
        }
    }
}

fn begin(connection: &mut AnyConnection) -> diesel::QueryResult<()> {
    match connection {
        AnyConnection::Sqlite(c) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE"),
        AnyConnection::Postgres(c) => {
            AnsiTransactionManager::begin_transaction_sql(c, "BEGIN TRANSACTION ISOLATION LEVEL SERIALIZABLE")
        }
    }
}

fn commit(connection: &mut AnyConnection) -> diesel::QueryResult<()> {
    each_database!(connection, c => AnsiTransactionManager::commit_transaction(c))
}

fn roll_back(connection: &mut AnyConnection) -> diesel::QueryResult<()> {
    each_database!(connection, c => AnsiTransactionManager::rollback_transaction(c))
}

fn may_be_retried(error: &DieselError) -> bool {
    match error {
        DieselError::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => true,
        DieselError::DatabaseError(DatabaseErrorKind::Unknown, information) => {
            let message = information.message();
            message.contains("database is locked") || message.contains("deadlock detected")
        }
        _ => false,
    }
}

/// Doubles from 1 ms to 128 ms, spread by half so that two writers do not meet again.
fn backoff(tries: u32) -> Duration {
    let ceiling = 1_u64 << tries.min(7);
    Duration::from_millis(ceiling / 2 + rand::random_range(0..=ceiling / 2))
}

/// Whether the error says that a unique key is taken.
#[must_use]
pub fn is_unique_violation(error: &DieselError) -> bool {
    matches!(error, DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _))
}
