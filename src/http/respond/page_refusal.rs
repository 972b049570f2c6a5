//! What the error page says when a page of a sign-in cannot go on.

use axum::http::StatusCode;

use crate::domain::oauth::error::{Detail, Kind};
use crate::domain::oauth::params::ParamsError;
use crate::domain::sign_in::page_refusal::PageRefusal;
use crate::language::{Sentence, sentence};

/// Go back: nothing is wrong with the application.
pub fn try_again() -> Sentence {
    sentence!("error-try-again")
}

/// Go back, and report it if that does not help.
pub fn tell_its_makers() -> Sentence {
    sentence!("error-tell-its-makers")
}

/// A refusal, as it is shown.
pub struct Shown {
    /// The status.
    pub status: StatusCode,
    /// What happened, for the person.
    pub sentence: Sentence,
    /// What they can do.
    pub advice: Sentence,
    /// What it takes to mend it.
    pub kind: Kind,
    /// What was compared with what, for the log and, in development, for the page.
    pub detail: Detail,
}

/// How `refusal` is shown.
pub fn shown(refusal: &PageRefusal) -> Shown {
    let (sentence, advice) = match refusal {
        PageRefusal::Parameters(error) => (parameters(error), tell_its_makers()),
        PageRefusal::NoFlow => (sentence!("error-no-flow"), tell_its_makers()),
        PageRefusal::DamagedLink => (sentence!("error-damaged-link"), tell_its_makers()),
        PageRefusal::UnknownFlow => (sentence!("error-unknown-flow"), tell_its_makers()),
        PageRefusal::NoCookie => (sentence!("error-no-cookie"), tell_its_makers()),
        PageRefusal::ClientGone { .. } => (sentence!("error-client-gone"), tell_its_makers()),
        PageRefusal::NobodySignedIn => (sentence!("error-nobody-signed-in"), try_again()),
        PageRefusal::ForeignForm { .. } => (sentence!("error-foreign-form"), try_again()),
        PageRefusal::NoProvider => (sentence!("error-no-provider"), try_again()),
        PageRefusal::NoSignUp => (sentence!("error-no-sign-up"), sentence!("error-no-sign-up-advice")),
    };
    let status = match refusal {
        PageRefusal::ForeignForm { .. } => StatusCode::FORBIDDEN,
        PageRefusal::NoSignUp | PageRefusal::NoProvider => StatusCode::NOT_FOUND,
        _ => StatusCode::BAD_REQUEST,
    };
    Shown { status, sentence, advice, kind: kind(refusal), detail: detail(refusal) }
}

fn parameters(error: &ParamsError) -> Sentence {
    match error {
        ParamsError::NotAForm => sentence!("error-not-a-form"),
        ParamsError::CutOff => sentence!("error-cut-off"),
        ParamsError::TooSlow => sentence!("error-too-slow"),
        ParamsError::Malformed => sentence!("error-malformed"),
        ParamsError::TooMany => sentence!("error-too-many"),
        ParamsError::Repeated { .. } => sentence!("error-repeated"),
    }
}

/// What a person is told of what an application asked for. The words of the protocol stand below it.
pub fn of_application(kind: Kind) -> Sentence {
    match kind {
        Kind::ClientUnknown => sentence!("error-client-unknown"),
        Kind::ClientDisabled => sentence!("error-client-disabled"),
        Kind::RedirectUri | Kind::RedirectPort => sentence!("error-redirect"),
        Kind::PostLogoutRedirectUri => sentence!("error-post-logout"),
        _ => sentence!("error-application"),
    }
}

const fn kind(refusal: &PageRefusal) -> Kind {
    match refusal {
        PageRefusal::Parameters(_)
        | PageRefusal::NoFlow
        | PageRefusal::DamagedLink
        | PageRefusal::UnknownFlow
        | PageRefusal::NoProvider
        | PageRefusal::NobodySignedIn => Kind::SignInUnknown,
        PageRefusal::NoSignUp => Kind::SignUpClosed,
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
