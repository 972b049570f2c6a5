//! What can go wrong with the database.

use diesel::result::{ConnectionError, DatabaseErrorKind, Error};
use thiserror::Error as ThisError;

/// What can go wrong with the database. No variant's text holds a value from a row or from a request.
#[derive(Debug, Clone, PartialEq, Eq, ThisError)]
pub enum StoreError {
    /// The database did not do it now, and may do it later: no connection, a timeout, a lock, a restart, a fault in a
    /// query. Nothing was changed. Answer 503, never a refusal.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// What is at the configured place is not a database that we can use. The text says what to do.
    #[error("{0}")]
    Unusable(String),
    /// The answer to a commit was lost, so all of it was done, or nothing. Answer 503, and claim neither.
    #[error("the database did not say whether it was done: {0}")]
    Unsettled(String),
    /// The row exists already, or refers to one that does not exist.
    #[error("the row conflicts with another")]
    Conflict,
    /// A row, or a value for one, makes no sense.
    #[error("the database holds something it should not: {0}")]
    Corrupt(&'static str),
}

impl StoreError {
    /// The error of a commit that failed. `refused`: the database itself has refused it, so it was not done.
    pub(in crate::storage) fn of_commit(error: Error, refused: bool) -> Self {
        match Self::from(error) {
            Self::Unavailable(cause) if !refused => Self::Unsettled(cause),
            error => error,
        }
    }

    /// The same, with the name of the read or transaction that it happened to.
    pub(in crate::storage) fn during(self, name: &str) -> Self {
        match self {
            Self::Unavailable(cause) => Self::Unavailable(format!("{cause} ({name})")),
            Self::Unsettled(cause) => Self::Unsettled(format!("{cause} ({name})")),
            other => other,
        }
    }

    /// An [`StoreError::Unavailable`] with this cause, which must not hold a value.
    pub(in crate::storage) fn unavailable(cause: impl ToString) -> Self {
        Self::Unavailable(cause.to_string())
    }
}

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        use DatabaseErrorKind::{CheckViolation, ForeignKeyViolation, NotNullViolation, UniqueViolation};
        match error {
            Error::DatabaseError(UniqueViolation | ForeignKeyViolation, _) => Self::Conflict,
            Error::DatabaseError(NotNullViolation | CheckViolation, _) => {
                Self::Corrupt("a row breaks a rule of its table")
            }
            // Only the first line of the database's message: its details quote values.
            Error::DatabaseError(_, information) => Self::unavailable(information.message()),
            Error::NotFound => Self::Corrupt("a row that must exist is missing"),
            Error::DeserializationError(_) => Self::Corrupt("a column holds a value that cannot be read"),
            Error::SerializationError(_) => Self::Corrupt("a value cannot be stored"),
            Error::RollbackErrorOnCommit { commit_error, .. } => Self::from(*commit_error),
            Error::BrokenTransactionManager => Self::unavailable("the transaction is in an unknown state"),
            _ => Self::unavailable("the query could not be run"),
        }
    }
}

impl From<ConnectionError> for StoreError {
    fn from(error: ConnectionError) -> Self {
        Self::unavailable(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_cannot_be_read_is_not_quoted() {
        let error = StoreError::from(Error::DeserializationError("invalid digit in hunter2".into()));
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
}
