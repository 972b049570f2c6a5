//! Why an application cannot register itself like that, as JSON (RFC 7591 §3.2.2).

use std::time::Duration;

use axum::Json;
use axum::http::StatusCode;
use axum::http::header::{self, HeaderValue};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::oauth_error::{BearerError, fault};
use super::refused::{log, with_trace};
use crate::domain::oauth::client::registration_error::RegistrationError;
use crate::domain::oauth::client::sector::{NotHad, SectorRefused};
use crate::domain::oauth::error::{Detail, ErrorCode, Kind};
use crate::domain::operation::decision_trace::{Told, Trace};
use crate::http::request_id::with_request_id;
use crate::services::ServiceError;

/// An error of the endpoints of registration.
pub struct RegistrationFailure(pub ServiceError);

impl<E: Into<ServiceError>> From<E> for RegistrationFailure {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for RegistrationFailure {
    fn into_response(self) -> Response {
        match self.0 {
            ServiceError::Registration(RegistrationError::Full { .. }) => {
                let description = "No more applications can register themselves here until others are gone.";
                refused(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable", Kind::Registrations, description)
            }
            ServiceError::Registration(RegistrationError::SectorTooOften { wait }) => {
                let description = "The document at sector_identifier_uri was looked at too often; change this later.";
                wait_for(wait, Kind::RegistrationChanges, description)
            }
            // It has done nothing wrong, and the same sent again is right: neither 400 nor a conflict that it could resolve, as the
            // document replaces the whole (RFC 7592 §2.2).
            ServiceError::Registration(RegistrationError::Contended { .. }) => {
                let description = "Others keep changing this registration; nothing was changed. Try again.";
                let (status, kind) = (StatusCode::SERVICE_UNAVAILABLE, Kind::Unavailable);
                after(Duration::from_secs(1), refused(status, "temporarily_unavailable", kind, description))
            }
            // RFC 7592 §2.2, §2.3: not allowed to update or delete itself.
            ServiceError::Registration(RegistrationError::OperatorsOwn { .. }) => {
                let description =
                    "The operator manages this application: it can read its registration, not change or delete it.";
                refused(StatusCode::FORBIDDEN, ErrorCode::AccessDenied.as_str(), Kind::OperatorsOwn, description)
            }
            ServiceError::Registration(refusal) => {
                let code = match &refusal {
                    RegistrationError::RedirectUri { .. } | RegistrationError::NowhereForCodes => {
                        ErrorCode::InvalidRedirectUri
                    }
                    _ => ErrorCode::InvalidClientMetadata,
                };
                refused(StatusCode::BAD_REQUEST, code.as_str(), Kind::Application, &sentence(&refusal))
            }
            ServiceError::Protocol(refusal) if refusal.code == ErrorCode::InvalidClientMetadata => {
                refused(StatusCode::BAD_REQUEST, refusal.code.as_str(), refusal.kind, refusal.description)
            }
            refusal @ ServiceError::Protocol(_) => BearerError(refusal).into_response(),
            failure => fault(&failure),
        }
    }
}

/// Too many registrations came from there.
pub fn too_many(wait: Duration) -> Response {
    wait_for(wait, Kind::Registrations, "Too many applications were registered from here; wait, or use those.")
}

/// This registration, or those of this place, were changed too often.
pub fn too_many_changes(wait: Duration) -> Response {
    let description = "This registration, or others from here, were changed too often; nothing was changed. Wait.";
    wait_for(wait, Kind::RegistrationChanges, description)
}

fn wait_for(wait: Duration, kind: Kind, description: &str) -> Response {
    after(wait, refused(StatusCode::TOO_MANY_REQUESTS, "temporarily_unavailable", kind, description))
}

/// An answer that says when to ask again.
fn after(wait: Duration, mut response: Response) -> Response {
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
    response
}

fn refused(status: StatusCode, code: &str, kind: Kind, description: &str) -> Response {
    let trace = Trace::told(Told { kind, error: code, description, detail: &Detail::default() }, None);
    log(&trace);
    let body = json!({"error": code, "error_description": with_request_id(description)});
    with_trace((status, Json(body)).into_response(), trace)
}

/// What is wrong, in the terms of whoever sent it: the member, and what it has to be.
fn sentence(refusal: &RegistrationError) -> String {
    let text = match refusal {
        RegistrationError::Document(why) => why.to_string(),
        RegistrationError::Name { most, .. } => format!("client_name must have 1 to {most} printable bytes"),
        RegistrationError::HiddenCharacter { .. } => "client_name has a character that cannot be seen".to_owned(),
        RegistrationError::RedirectUri { uri, why } => format!("redirect_uris: {uri} {why}"),
        RegistrationError::Link { uri } => {
            format!("{uri} is no http or https URL, or has user-info, spaces or hidden characters")
        }
        RegistrationError::NowhereForCodes => {
            "redirect_uris must have at least one URI for the grant type authorization_code".to_owned()
        }
        RegistrationError::RefreshWithoutCode => {
            "grant_types: refresh_token is of no use without authorization_code".to_owned()
        }
        RegistrationError::MachineWithoutSecret => {
            "grant_types: client_credentials needs a client that authenticates".to_owned()
        }
        RegistrationError::MachineOfNobody => {
            "grant_types: client_credentials takes an initial access token of the operator".to_owned()
        }
        RegistrationError::Scope { scope }
        | RegistrationError::FirstPartyScope { scope }
        | RegistrationError::MachineScope { scope }
        | RegistrationError::UpstreamScope { scope }
        | RegistrationError::OperatorsScope { scope } => {
            format!("scope: clients that register themselves cannot have {scope}")
        }
        // Whoever asks may be anybody, and the reason can name addresses of our network.
        RegistrationError::Sector(SectorRefused::NotHad(NotHad::NoAnswer(_))) => {
            "the document at sector_identifier_uri is not to be had: its server cannot be called from here, did not answer in time, or \
             sent too much"
                .to_owned()
        }
        RegistrationError::ChosenSecret => "client_secret is not the one of this client, which cannot choose it".into(),
        other => other.to_string(),
    };
    sendable(&text)
}

/// Characters that are kept of it.
const LONGEST: usize = 300;

/// What was sent may be in it: nothing but the characters of RFC 6749 §5.2 gets out again.
fn sendable(text: &str) -> String {
    let may = |c: char| matches!(c, ' '..='~') && c != '"' && c != '\\';
    text.chars().take(LONGEST).map(|c| if may(c) { c } else { '?' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::oauth::client::ClientId;
    use crate::domain::oauth::client::redirect_registration::UriRefused;
    use crate::domain::oauth::fixtures::is_sendable;

    #[test]
    fn a_change_that_others_overtake_again_and_again_is_not_the_clients_fault() {
        let contended = RegistrationError::Contended { id: ClientId::new("shop") };
        let answer = RegistrationFailure::from(contended).into_response();
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.headers()[header::RETRY_AFTER], "1");
    }

    #[test]
    fn whatever_was_sent_the_description_is_within_the_characters_of_rfc_6749_section_5_2() {
        for uri in ["https://a/\"\\", "https://ä/\r\nX: y", "\u{202e}", &"x".repeat(10_000)] {
            let refusal = RegistrationError::RedirectUri { uri: uri.into(), why: UriRefused::Syntax };
            let sentence = sentence(&refusal);
            assert!(is_sendable(&sentence) && sentence.len() <= LONGEST, "{sentence}");
        }
    }
}
