//! Why a use case did not succeed: the refusals of each subject, and our own failures.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use crate::crypto::CryptoError;
use crate::domain::access::permission::Forbidden;
use crate::domain::account::error::AccountError;
use crate::domain::factor::error::FactorRefusal;
use crate::domain::oauth::client::ClientId;
use crate::domain::oauth::client::registration_error::RegistrationError;
use crate::domain::oauth::error::Refusal;
use crate::domain::oauth::params::ParamsError;
use crate::domain::oauth::token::subject::SubjectFault;
use crate::domain::operation::job::JobRefusal;
use crate::domain::operation::signing_key::KeyRefusal;
use crate::domain::sign_in::page_refusal::PageRefusal;
use crate::ephemeral::EphemeralError;
use crate::runtime::key_context::KeyError;
use crate::runtime::password_pool::PoolError;
use crate::storage::StoreError;

/// Why a use case did not succeed. A refusal is the caller's fault, and belongs to the subject whose rule was broken; what
/// it looks like is up to whoever shows it. The last two are our fault, and must never look like a refusal: clients throw
/// their refresh tokens away on `invalid_grant`.
#[derive(Debug)]
pub enum ServiceError {
    /// What a client asks for is against the protocol.
    Protocol(Refusal),
    /// A page of a sign-in cannot go on.
    Page(PageRefusal),
    /// An account cannot be like that.
    Account(AccountError),
    /// A client cannot be registered like that.
    Registration(RegistrationError),
    /// Something cannot be done with the keys that sign.
    Key(KeyRefusal),
    /// A job cannot be tried again.
    Job(JobRefusal),
    /// Something cannot be done with second factors.
    Factor(FactorRefusal),
    /// Whoever asks may not do it.
    Forbidden(Forbidden),
    /// We cannot do it now; the same request may succeed later.
    Unavailable(Unavailable),
    /// A fault of ours that repeating does not mend. It is for the log, with all of its sources.
    Internal(Box<dyn Error + Send + Sync>),
}

/// Something that we depend on does not answer in time.
#[derive(Debug)]
pub struct Unavailable {
    /// For the log.
    pub cause: String,
    /// When it is worth asking again.
    pub retry_after: Duration,
    /// Whether it may have been done all the same: the answer to a commit was lost.
    pub may_be_done: bool,
    /// Whether anybody can bring it about as often as they like. Then it is no fault that the log calls somebody for.
    pub by_strangers: bool,
}

impl ServiceError {
    /// A fault of ours, with what it came from.
    pub fn internal(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Internal(cause.into())
    }

    /// The same; a refusal of the protocol says which client it was that asked.
    #[must_use]
    pub fn asked_by(self, client: &ClientId) -> Self {
        match self {
            Self::Protocol(refusal) if refusal.detail.0.iter().all(|(label, _)| *label != "client") => {
                Self::Protocol(refusal.with("client", client))
            }
            other => other,
        }
    }
}

/// Without its source: [`Chain`] has both.
impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Protocol(refusal) => write!(f, "refused: {refusal}"),
            Self::Page(refusal) => write!(f, "refused: {refusal}"),
            Self::Account(refusal) => write!(f, "refused: {refusal}"),
            Self::Registration(refusal) => write!(f, "refused: {refusal}"),
            Self::Key(refusal) => write!(f, "refused: {refusal}"),
            Self::Job(refusal) => write!(f, "refused: {refusal}"),
            Self::Factor(refusal) => write!(f, "refused: {refusal}"),
            Self::Forbidden(refusal) => write!(f, "refused: {refusal}"),
            Self::Unavailable(unavailable) => write!(f, "unavailable: {}", unavailable.cause),
            Self::Internal(_) => f.write_str("internal error"),
        }
    }
}

impl Error for ServiceError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Internal(cause) => Some(cause.as_ref()),
            _ => None,
        }
    }
}

/// An error with all of its sources, in one line of the log.
pub struct Chain<'a>(pub &'a (dyn Error + 'static));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(error) = source {
            write!(f, ": {error}")?;
            source = error.source();
        }
        Ok(())
    }
}

/// A subject's refusal is one of a use case as it is.
macro_rules! from_subject {
    ($($variant:ident($refusal:ty);)*) => {
        $(
            impl From<$refusal> for ServiceError {
                fn from(refusal: $refusal) -> Self {
                    Self::$variant(refusal)
                }
            }
        )*
    };
}

from_subject! {
    Protocol(Refusal);
    Page(PageRefusal);
    Account(AccountError);
    Registration(RegistrationError);
    Key(KeyRefusal);
    Job(JobRefusal);
    Factor(FactorRefusal);
    Forbidden(Forbidden);
}

/// Parameters are read for the protocol; whoever reads them for a page says so ([`PageRefusal::Parameters`]).
impl From<ParamsError> for ServiceError {
    fn from(error: ParamsError) -> Self {
        Self::Protocol(error.into())
    }
}

impl From<StoreError> for ServiceError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(cause) => unavailable(format!("database: {cause}"), 2),
            StoreError::Unusable(cause) => unavailable(cause, 2),
            // Soon: what was done can be asked for again only within ten seconds.
            StoreError::Unsettled(cause) => Self::Unavailable(Unavailable {
                cause: format!("database: {cause}"),
                retry_after: Duration::from_secs(1),
                may_be_done: true,
                by_strangers: false,
            }),
            other => Self::internal(other),
        }
    }
}

impl From<EphemeralError> for ServiceError {
    fn from(error: EphemeralError) -> Self {
        unavailable(error.to_string(), 2)
    }
}

impl From<PoolError> for ServiceError {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Overloaded => unavailable("every place in the password queue is taken".to_owned(), 1),
            other => Self::internal(other),
        }
    }
}

impl From<KeyError> for ServiceError {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Store(error) => error.into(),
            KeyError::Crypto(error) => error.into(),
            KeyError::Internal(cause) => Self::Internal(cause),
        }
    }
}

/// A client that cannot be told of a person is told nothing.
impl From<SubjectFault> for ServiceError {
    fn from(fault: SubjectFault) -> Self {
        Self::internal(fault)
    }
}

/// A failure of cryptography with our own keys is a fault of ours; what callers present is checked elsewhere.
impl From<CryptoError> for ServiceError {
    fn from(error: CryptoError) -> Self {
        Self::internal(error)
    }
}

fn unavailable(cause: String, seconds: u64) -> ServiceError {
    ServiceError::Unavailable(Unavailable {
        cause,
        retry_after: Duration::from_secs(seconds),
        may_be_done: false,
        by_strangers: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("the key could not be read")]
    struct Outer(#[source] std::num::ParseIntError);

    #[test]
    fn a_fault_is_logged_with_all_of_its_sources() {
        let cause = "x".parse::<u8>().unwrap_err();
        let error = ServiceError::internal(Outer(cause.clone()));
        assert_eq!(Chain(&error).to_string(), format!("internal error: the key could not be read: {cause}"));
        assert!(error.source().unwrap().downcast_ref::<Outer>().is_some(), "it is kept as what it is");
        assert_eq!(Chain(&ServiceError::internal("why")).to_string(), "internal error: why");
    }

    #[test]
    fn what_may_have_been_done_is_said_to_be_in_doubt() {
        for (error, doubt) in [(StoreError::Unsettled("x".into()), true), (StoreError::Unavailable("x".into()), false)]
        {
            let ServiceError::Unavailable(told) = ServiceError::from(error) else { panic!("not unavailable") };
            assert_eq!(told.may_be_done, doubt);
        }
        assert!(matches!(ServiceError::from(StoreError::Corrupt("x")), ServiceError::Internal(_)));
    }
}
