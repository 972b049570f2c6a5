//! What is kept about a person as one JSON document (docs/account.md). It is sent in pieces: of what happened to the account,
//! a page of events is in memory at a time, and no more is read than the browser takes.

use axum::body::{Body, Bytes};
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use futures_util::stream::try_unfold;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::app::App;
use crate::domain::account::one_time_link::Purpose;
use crate::domain::oauth::token::pairwise_sub::PairwiseSub;
use crate::domain::operation::audit_event::RecordedEvent;
use crate::foundation::id::{EventId, SessionId, UserId};
use crate::services::ServiceError;
use crate::services::account::{EventPages, MOST_EVENTS, OwnData};

/// Which form of the document it is. A member can be added to it; one that changes its meaning takes another number.
const FORMAT: &str = "latchkey-account-data/1";

/// The claims that are no part of a profile.
const OF_ACCOUNT: [&str; 3] = ["preferred_username", "email", "email_verified"];

#[derive(Serialize)]
struct Document<'a> {
    format: &'static str,
    issuer: &'a str,
    exported_at: String,
    account: Account,
    signs_in_with: Vec<&'a str>,
    claims: Map<String, Value>,
    factors: Vec<Factor<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recovery_codes: Option<RecoveryCodes>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lost_factors: Option<LostFactors>,
    sessions: Vec<Session<'a>>,
    remembered_browsers: Vec<RememberedBrowser<'a>>,
    connected_accounts: Vec<ConnectedAccount<'a>>,
    apps: Vec<ConnectedApp<'a>>,
    open_links: Vec<OpenLink>,
    events_at_most: usize,
}

#[derive(Serialize)]
struct Account {
    sub: String,
    status: &'static str,
    administrator: bool,
    has_password: bool,
    has_second_factor: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    second_factor_from: Option<String>,
    created_at: String,
    updated_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    delete_at: Option<String>,
}

#[derive(Serialize)]
struct Factor<'a> {
    id: String,
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<String>,
}

#[derive(Serialize)]
struct RecoveryCodes {
    left: usize,
    created_at: String,
}

#[derive(Serialize)]
struct LostFactors {
    reported_at: String,
    removable_at: String,
    expires_at: String,
}

#[derive(Serialize)]
struct Session<'a> {
    id: String,
    current: bool,
    proved_by: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_agent: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<&'a str>,
    created_at: String,
    authenticated_at: String,
    last_used_at: String,
    expires_at: String,
}

#[derive(Serialize)]
struct RememberedBrowser<'a> {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_agent: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<&'a str>,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<String>,
    expires_at: String,
}

#[derive(Serialize)]
struct ConnectedAccount<'a> {
    id: String,
    provider: &'a str,
    issuer: &'a str,
    subject: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<&'a str>,
    /// Those of the groups that are there because of it.
    groups: &'a [String],
    /// Whether tokens of its provider are kept, which are no business of this document.
    tokens_kept: bool,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<String>,
}

#[derive(Serialize)]
struct ConnectedApp<'a> {
    client_id: &'a str,
    client_name: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pairwise_subs: Vec<&'a str>,
    scope: String,
    since: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<String>,
}

#[derive(Serialize)]
struct OpenLink {
    purpose: &'static str,
    created_at: String,
    expires_at: String,
}

/// Why something was done or refused stays with the operator, as on the page of the account's activity, and so does the place
/// of whoever did it if it was not somebody with a browser.
#[derive(Serialize)]
struct Event<'a> {
    id: EventId,
    at: String,
    action: &'a str,
    outcome: &'a str,
    by: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<SessionId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_agent: Option<&'a str>,
    targets: &'a Value,
    changes: &'a Value,
    count: i64,
}

impl<'a> Document<'a> {
    fn of(app: &'a App, data: &'a OwnData) -> Self {
        let user = &data.user;
        let sources = user.profile.upstream_groups();
        Self {
            format: FORMAT,
            issuer: app.issuer.as_str(),
            exported_at: data.at.to_string(),
            account: Account {
                sub: user.id.to_string(),
                status: user.status.as_str(),
                administrator: user.administrator,
                has_password: user.password_hash.is_some(),
                has_second_factor: user.second_factor,
                second_factor_from: user.second_factor_from.map(|at| at.to_string()),
                created_at: user.created_at.to_string(),
                updated_at: user.updated_at.to_string(),
                delete_at: user.delete_at.map(|at| at.to_string()),
            },
            signs_in_with: data.names.iter().map(|name| name.as_str()).collect(),
            claims: {
                let own = OF_ACCOUNT.into_iter().filter_map(|name| Some((name.to_owned(), user.claim(name)?)));
                user.profile.all().into_iter().chain(own).collect()
            },
            factors: data
                .factors
                .iter()
                .map(|factor| Factor {
                    id: factor.id.to_string(),
                    r#type: factor.kind.as_str(),
                    name: factor.name.as_deref(),
                    created_at: factor.confirmed_at.unwrap_or(factor.created_at).to_string(),
                    last_used_at: factor.last_used_at.map(|at| at.to_string()),
                })
                .collect(),
            recovery_codes: data.recovery_codes.map(|(left, at)| RecoveryCodes { left, created_at: at.to_string() }),
            lost_factors: data.lost_factors.as_ref().map(|lost| LostFactors {
                reported_at: lost.requested_at.to_string(),
                removable_at: lost.effective_at.to_string(),
                expires_at: lost.expires_at.to_string(),
            }),
            sessions: data
                .sessions
                .iter()
                .map(|own| Session {
                    id: own.session.id.to_string(),
                    current: own.session.id == data.session,
                    proved_by: own.session.proofs.iter().map(|proof| proof.method.as_str()).collect(),
                    user_agent: own.user_agent.as_deref(),
                    address: own.address.as_deref(),
                    created_at: own.session.created_at.to_string(),
                    authenticated_at: own.session.authenticated_at.to_string(),
                    last_used_at: own.session.seen_at.to_string(),
                    expires_at: own.session.expires_at.to_string(),
                })
                .collect(),
            remembered_browsers: data
                .devices
                .iter()
                .map(|device| RememberedBrowser {
                    id: device.id.to_string(),
                    user_agent: device.user_agent.as_deref(),
                    address: device.address.as_deref(),
                    created_at: device.created_at.to_string(),
                    last_used_at: device.last_used_at.map(|at| at.to_string()),
                    expires_at: device.expires_at.to_string(),
                })
                .collect(),
            connected_accounts: data
                .identities
                .iter()
                .map(|identity| ConnectedAccount {
                    id: identity.id.to_string(),
                    provider: &identity.provider,
                    issuer: &identity.issuer,
                    subject: &identity.subject,
                    label: identity.label.as_deref(),
                    groups: sources.iter().find(|one| one.identity == identity.id).map_or(&[], |one| &one.names),
                    tokens_kept: data.tokens_kept.contains(&identity.id),
                    created_at: identity.created_at.to_string(),
                    last_used_at: identity.last_used_at.map(|at| at.to_string()),
                })
                .collect(),
            apps: data
                .apps
                .iter()
                .map(|one| ConnectedApp {
                    client_id: one.client.id.as_str(),
                    client_name: &one.client.name,
                    pairwise_subs: one.pairwise_subs.iter().map(PairwiseSub::as_str).collect(),
                    scope: one.scope.to_string(),
                    since: one.since.to_string(),
                    last_used_at: one.last_used.map(|at| at.to_string()),
                })
                .collect(),
            open_links: data
                .links
                .iter()
                .map(|link| OpenLink {
                    purpose: Purpose::as_str(link.purpose),
                    created_at: link.created_at.to_string(),
                    expires_at: link.expires_at.to_string(),
                })
                .collect(),
            events_at_most: MOST_EVENTS,
        }
    }
}

impl<'a> Event<'a> {
    fn of(event: &'a RecordedEvent, person: &str) -> Self {
        let by = match &*event.actor_kind {
            "user" if event.actor_id.as_deref() == Some(person) => "you",
            "user" => "another person",
            "nobody" => "somebody",
            "client" => "an application",
            "system" => "the service",
            _ => "an operator",
        };
        let with_browser = matches!(by, "you" | "somebody");
        Self {
            id: event.id,
            at: event.occurred_at.to_string(),
            action: &event.action,
            outcome: &event.outcome,
            by,
            client_id: event.client.as_deref(),
            session_id: event.session.filter(|_| with_browser),
            address: event.address.as_deref().filter(|_| with_browser),
            user_agent: event.user_agent.as_deref().filter(|_| with_browser),
            targets: &event.targets,
            changes: &event.changes,
            count: event.count,
        }
    }
}

/// The document as a file to be kept. If the database does not answer any more in the middle, the answer breaks off, and
/// whoever downloads it is told so by their browser.
///
/// # Errors
/// None in practice.
pub fn as_file(app: &App, data: &OwnData) -> Result<Response, ServiceError> {
    let mut head = serde_json::to_vec_pretty(&Document::of(app, data)).map_err(ServiceError::internal)?;
    // What follows stands in the same object.
    while head.pop().is_some_and(|byte| byte != b'}') {}
    head.truncate(head.trim_ascii_end().len());
    head.extend_from_slice(b",\n  \"events\": [");
    let parts =
        Parts { app: app.clone(), person: data.user.id, pages: EventPages::of(data.user.id), next: Next::Head(head) };
    let day = data.at.to_string().chars().take(10).collect::<String>();
    let name = format!("attachment; filename=\"account-data-{day}.json\"");
    let headers: [(HeaderName, HeaderValue); 5] = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CONTENT_DISPOSITION, HeaderValue::try_from(name).map_err(ServiceError::internal)?),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    Ok((headers, Body::from_stream(try_unfold(parts, Parts::next))).into_response())
}

/// Where the document stands.
struct Parts {
    app: App,
    person: UserId,
    pages: EventPages,
    next: Next,
}

enum Next {
    Head(Vec<u8>),
    FirstPage,
    Page,
    Nothing,
}

impl Parts {
    async fn next(mut self) -> Result<Option<(Bytes, Self)>, ServiceError> {
        let is_first = match self.next {
            Next::Nothing => return Ok(None),
            Next::Head(head) => {
                self.next = Next::FirstPage;
                return Ok(Some((Bytes::from(head), self)));
            }
            Next::FirstPage => true,
            Next::Page => false,
        };
        let events = self.pages.next(&self.app).await.inspect_err(|error| {
            tracing::warn!(user = %self.person, error = error as &dyn std::error::Error, "a person's data broke off");
        })?;
        let mut text = Vec::new();
        let person = self.person.to_string();
        for (at, event) in events.iter().enumerate() {
            text.extend_from_slice(if is_first && at == 0 { b"\n    " } else { b",\n    " });
            serde_json::to_writer(&mut text, &Event::of(event, &person)).map_err(ServiceError::internal)?;
        }
        self.next = Next::Page;
        if events.is_empty() {
            self.next = Next::Nothing;
            let complete = self.pages.is_complete();
            text.extend_from_slice(format!("\n  ],\n  \"events_complete\": {complete}\n}}\n").as_bytes());
        }
        Ok(Some((Bytes::from(text), self)))
    }
}
