//! Why a page of a sign-in cannot go on. The person sees it, and no application: there is no code for it.

use thiserror::Error;

use crate::domain::oauth::client::ClientId;
use crate::domain::oauth::params::ParamsError;

/// Why a page cannot go on. The text is for the log.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum PageRefusal {
    /// Its link or its form cannot be read.
    #[error("{0}")]
    Parameters(#[from] ParamsError),
    /// The link does not say to which sign-in it belongs.
    #[error("the link names no sign-in")]
    NoFlow,
    /// The link was cut or changed on its way.
    #[error("the link is damaged")]
    DamagedLink,
    /// It belongs to a sign-in that nobody can mean any more, or that never was.
    #[error("the sign-in is not known")]
    UnknownFlow,
    /// The browser came again without our cookie.
    #[error("the browser keeps no cookie")]
    NoCookie,
    /// The client was disabled or deleted meanwhile.
    #[error("the client of the sign-in is gone or disabled")]
    ClientGone {
        /// Which it was.
        client: ClientId,
    },
    /// An answer came from a browser that nobody is signed in with.
    #[error("nobody is signed in")]
    NobodySignedIn,
    /// There is no upstream provider of this name.
    #[error("there is no such provider")]
    NoProvider,
    /// Nobody makes an account for themselves here, or nobody who was not invited.
    #[error("there is no sign-up here")]
    NoSignUp,
    /// The form was not sent by a page of ours.
    #[error("the form was sent from another site")]
    ForeignForm {
        /// The `Origin` header, if there was one.
        origin: Option<String>,
        /// The `Sec-Fetch-Site` header, if there was one.
        site: Option<String>,
    },
}
