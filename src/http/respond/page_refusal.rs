//! What the error page says when a page of a sign-in cannot go on.

use axum::http::StatusCode;

use crate::domain::oauth::error::{Detail, Kind};
use crate::domain::oauth::params::ParamsError;
use crate::domain::sign_in::page_refusal::PageRefusal;

/// Go back: nothing is wrong with the application.
pub const TRY_AGAIN: &str = "Go back to the application and try again.";
/// Go back, and report it if that does not help.
pub const TELL_ITS_MAKERS: &str =
    "Go back to the application and try again. If this page comes again, tell its makers the request id.";

/// A refusal, as it is shown.
pub struct Shown {
    /// The status.
    pub status: StatusCode,
    /// What happened, for the person.
    pub sentence: &'static str,
    /// What they can do.
    pub advice: &'static str,
    /// What it takes to mend it.
    pub kind: Kind,
    /// What was compared with what, for the log and, in development, for the page.
    pub detail: Detail,
}

/// How `refusal` is shown.
pub fn shown(refusal: &PageRefusal) -> Shown {
    let (sentence, advice) = match refusal {
        PageRefusal::Parameters(error) => (error.description(), TELL_ITS_MAKERS),
        PageRefusal::NoFlow => ("This page belongs to a sign-in, and the link does not say to which.", TELL_ITS_MAKERS),
        PageRefusal::DamagedLink => ("The link of this page is damaged.", TELL_ITS_MAKERS),
        PageRefusal::UnknownFlow => ("This sign-in is no longer known here.", TELL_ITS_MAKERS),
        PageRefusal::NoCookie => {
            ("Your browser did not keep the cookie of this site. Allow cookies for it and try again.", TELL_ITS_MAKERS)
        }
        PageRefusal::ClientGone { .. } => ("The application is no longer registered.", TELL_ITS_MAKERS),
        PageRefusal::NobodySignedIn => ("Nobody is signed in.", TRY_AGAIN),
        PageRefusal::ForeignForm { .. } => ("This form was sent from another site.", TRY_AGAIN),
    };
    let status = match refusal {
        PageRefusal::ForeignForm { .. } => StatusCode::FORBIDDEN,
        _ => StatusCode::BAD_REQUEST,
    };
    Shown { status, sentence, advice, kind: kind(refusal), detail: detail(refusal) }
}

const fn kind(refusal: &PageRefusal) -> Kind {
    match refusal {
        PageRefusal::Parameters(_)
        | PageRefusal::NoFlow
        | PageRefusal::DamagedLink
        | PageRefusal::UnknownFlow
        | PageRefusal::NobodySignedIn => Kind::SignInUnknown,
        PageRefusal::NoCookie => Kind::Cookie,
        PageRefusal::ClientGone { .. } => Kind::ClientDisabled,
        PageRefusal::ForeignForm { .. } => Kind::OtherSite,
    }
}

fn detail(refusal: &PageRefusal) -> Detail {
    let sent = |header: &Option<String>| header.clone().unwrap_or_else(|| "not sent".to_owned());
    Detail(match refusal {
        PageRefusal::Parameters(ParamsError::Repeated { names }) => vec![("repeated", names.clone())],
        PageRefusal::NoFlow => vec![("missing", "flow".to_owned())],
        PageRefusal::ClientGone { client } => vec![("client_id", client.to_string())],
        PageRefusal::ForeignForm { origin, site } => {
            vec![("Origin sent", sent(origin)), ("Sec-Fetch-Site", sent(site))]
        }
        _ => Vec::new(),
    })
}
