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
use std::time::{Duration, Instant};

use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use tokio::sync::{Semaphore, oneshot};

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
/// How long a write is run again before it fails. One run may take as long again, while it waits for the lock of the database.
const WRITE_PATIENCE: Duration = Duration::from_secs(10);

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
    /// [`Error::UnknownUrl`] when the address is of neither database, [`Error::File`] when the file can't be made or kept private,
    /// [`Error::Pool`] when the database doesn't answer within ten seconds.
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
    /// [`Error::Migration`] when a migration fails; nothing of it remains then. [`Error::Pool`] when there is no connection.
    pub fn migrate(&self) -> Result<()> {
        migrate::run(&mut *self.pool.get()?)
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`Error::Pool`] or [`Error::Statement`] when the database doesn't answer.
    pub async fn ping(&self) -> Result<()> {
        use diesel::connection::SimpleConnection as _;
        self.read(|connection| Ok(connection.batch_execute("SELECT 1")?)).await
    }

    /// Empties the journal of an SQLite database, in which what was deleted can still be read. `false` when somebody read or
    /// wrote all the time, for about a second: it's left for the next time. PostgreSQL sees to its journal itself.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn empty_journal(&self) -> Result<bool> {
        self.read(|connection| match connection {
            AnyConnection::Sqlite(connection) => Ok(pool::empty_journal(connection)?),
            AnyConnection::Postgres(_) => Ok(true),
        })
        .await
    }

    /// Undoes all migrations: for tests of the migrations alone.
    ///
    /// # Errors
    /// [`Error::Migration`] when a migration can't be undone.
    pub fn revert_all(&self) -> Result<()> {
        migrate::revert_all(&mut *self.pool.get()?)
    }

    /// Runs `work`, which only reads (or makes one statement that stands by itself), on a blocking thread.
    ///
    /// # Errors
    /// What `work` returns, [`Error::Pool`] when no connection is free within ten seconds, [`Error::TaskEnded`] when `work` panics.
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
    /// What `work` returns, and then nothing is written. [`Error::Statement`] when the database could not run it alone within ten
    /// seconds. Otherwise as for [`Db::read`].
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

/// Runs `work` where threads may block. It is boxed so that the compiler makes a task of one type, not of a hundred.
async fn blocking<T, E>(work: impl FnOnce() -> Result<T, E> + Send + 'static) -> Result<T, E>
where
    T: Send + 'static,
    E: Failure,
{
    let span = tracing::Span::current();
    let (tell, told) = oneshot::channel();
    let work: Box<dyn FnOnce() + Send> = Box::new(move || {
        // Nobody listens any more when whoever asked is gone.
        let _ = tell.send(span.in_scope(work));
    });
    drop(tokio::task::spawn_blocking(work));
    told.await.unwrap_or_else(|_| Err(Error::TaskEnded.into()))
}

/// [`Db::write`] for a thread that may block and has a connection.
///
/// # Errors
/// What `work` returns, or [`Error::Statement`] when the database gave up, as for [`Db::write`].
pub fn write<T, E: Failure>(
    connection: &mut AnyConnection,
    work: impl FnMut(&mut AnyConnection) -> Result<T, E>,
) -> Result<T, E> {
    write_until(connection, Instant::now() + WRITE_PATIENCE, work)
}

/// Runs `work` at least once, and again until a deadline while the database asks for that.
fn write_until<T, E: Failure>(
    connection: &mut AnyConnection,
    deadline: Instant,
    mut work: impl FnMut(&mut AnyConnection) -> Result<T, E>,
) -> Result<T, E> {
    let mut runs = 0_u32;
    loop {
        runs = runs.saturating_add(1);
        match write_once(connection, &mut work) {
            Err(error) if error.statement().is_some_and(may_be_retried) => {
                let wait = backoff(runs);
                if Instant::now() + wait >= deadline {
                    return Err(error);
                }
                std::thread::sleep(wait);
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
        // Diesel keeps the codes of these two to itself: SQLITE_BUSY, whose text is never translated, and PostgreSQL's 40P01. A
        // server that is set to another language than English translates that one, and a deadlock is then an error of ours.
        DieselError::DatabaseError(DatabaseErrorKind::Unknown, information) => {
            let message = information.message();
            message.contains("database is locked") || message.contains("deadlock detected")
        }
        _ => false,
    }
}

/// Doubles from 1 ms to 128 ms, spread by half so that two writers don't collide again.
fn backoff(runs: u32) -> Duration {
    let ceiling = 1_u64 << runs.min(7);
    Duration::from_millis(ceiling / 2 + rand::random_range(0..=ceiling / 2))
}

/// Whether the error says that a unique key is taken.
#[must_use]
pub fn is_unique_violation(error: &DieselError) -> bool {
    matches!(error, DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conflict() -> Error {
        DieselError::DatabaseError(DatabaseErrorKind::SerializationFailure, Box::new("conflict".to_owned())).into()
    }

    /// Writes with a closure that fails until its run number `wanted`, and returns how often it ran, and how that ended.
    fn runs(patience: Duration, wanted: u32) -> (u32, Result<()>) {
        let file = tempfile::NamedTempFile::new().unwrap();
        let db = Db::connect(&format!("sqlite:{}", file.path().display())).unwrap();
        let mut runs = 0;
        let outcome = write_until(&mut db.pool.get().unwrap(), Instant::now() + patience, |_| {
            runs += 1;
            if runs < wanted { Err(conflict()) } else { Ok(()) }
        });
        (runs, outcome)
    }

    #[test]
    fn a_write_is_run_again_until_its_time_is_over_and_no_longer() {
        assert!(matches!(runs(WRITE_PATIENCE, 30), (30, Ok(()))));
        let (once, outcome) = runs(Duration::ZERO, 2);
        assert!(once == 1 && outcome.is_err());
        let (several, outcome) = runs(Duration::from_millis(20), u32::MAX);
        assert!(several > 1 && outcome.is_err());
    }
}
