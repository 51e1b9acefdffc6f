//! What can go wrong with the database.
//!
//! A message is complete, its cause included; so there is no `source()`, which would say the cause again.

use diesel::result::{DatabaseErrorKind, Error as DieselError};

/// What a statement of the database failed with.
pub type StatementError = DieselError;

/// Why the database did not do it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address is of neither database.
    #[error("a database URL starts with sqlite: or postgres://, not {0:?}")]
    UnknownUrl(String),
    /// The file of an SQLite database can't be made, or not be kept from others.
    #[error("failed to open the file of the database: {0}")]
    File(std::io::Error),
    /// No connection was free or could be made in time.
    #[error("no connection to the database: {0}")]
    Pool(diesel::r2d2::PoolError),
    /// The database refused or failed to carry out a statement.
    #[error("{0}")]
    Statement(DieselError),
    /// A migration could not be applied or undone.
    #[error("failed to migrate: {0}")]
    Migration(Box<dyn std::error::Error + Send + Sync>),
    /// What was stored can't be read back.
    #[error("failed to read {what} back: {cause}")]
    Corrupt {
        /// What, such as "a saved answer".
        what: &'static str,
        /// What is wrong with it.
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The thread that held the connection went away.
    #[error("the database task ended early")]
    TaskEnded,
}

impl Error {
    /// What was stored can't be read back: a fault of ours, never of the person that it belongs to.
    pub fn corrupt(what: &'static str, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Corrupt { what, cause: cause.into() }
    }

    /// Whether what was stored can't be read back, rather than that the database failed.
    #[must_use]
    pub fn is_corrupt(&self) -> bool {
        matches!(self, Self::Corrupt { .. } | Self::Statement(DieselError::DeserializationError(_)))
    }

    /// Whether something was to be kept that refers to a row that isn't there, such as an account that was erased meanwhile.
    #[must_use]
    pub fn is_broken_reference(&self) -> bool {
        matches!(self, Self::Statement(DieselError::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, _)))
    }
}

impl From<diesel::r2d2::PoolError> for Error {
    fn from(error: diesel::r2d2::PoolError) -> Self {
        Self::Pool(error)
    }
}

impl From<DieselError> for Error {
    fn from(error: DieselError) -> Self {
        Self::Statement(error)
    }
}

/// A result of a store function.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error that [`Db::write`](crate::db::Db::write) can look into, to tell whether running again may help.
pub trait Failure: From<Error> + Send + 'static {
    /// The database's own error, if that is what it is.
    fn statement(&self) -> Option<&DieselError>;
}

impl Failure for Error {
    fn statement(&self) -> Option<&DieselError> {
        match self {
            Self::Statement(error) => Some(error),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::*;

    #[test]
    fn a_cause_is_told_once() {
        let corrupt = Error::corrupt("a saved answer", "no JSON");
        assert_eq!(corrupt.to_string(), "failed to read a saved answer back: no JSON");
        let statement = Error::from(DieselError::NotFound);
        assert!(corrupt.source().is_none() && statement.source().is_none());
    }
}
