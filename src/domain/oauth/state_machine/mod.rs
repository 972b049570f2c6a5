//! The only place that uses oxide-auth: it shows its state machines what a request says, and asks what they decide.
//!
//! oxide-auth decides whether a request is complete and of the right kind, the grammar of a scope and whether a
//! narrower one is within what was granted, whether a code or a refresh token is this client's, whether a code was sent
//! to this redirect URI, whether either has ended, whether PKCE is used where it must be and whether a verifier fits.
//! Nothing of that is checked a second time. It also refuses a client that has not proven itself, should one ever come
//! here. A refusal comes back as its kind, and the caller words it.
//!
//! It decides neither which redirect URIs are registered nor which scopes a client may have (its machines ask that, and
//! take any answer), nor whether a secret is right, lengths, repeated parameters and one-time use. docs/decisions/0028 has
//! the whole table, with the places where its answer would break a standard.
//!
//! Each file has a trait `Machine` with two implementations: oxide-auth's, and for tests one that agrees with
//! everything. With it the tests of the rules show that wrong requests pass when oxide-auth does not decide.

pub mod access_token;
pub mod authorization;
pub mod client_credentials;
pub mod pkce;
pub mod refresh;
pub mod scope;

use chrono::{DateTime, TimeDelta, Utc};
use oxide_auth::code_grant::error::AccessTokenErrorType as Kind;
use oxide_auth::primitives::registrar::{ExactUrl, RegisteredUrl};
use url::Url;

use crate::foundation::Timestamp;

/// A redirect URI as the machines may compare it. They parse it, and parsing takes some different texts for the same
/// URL. Here the text is in characters that parsing leaves alone, so that they compare byte for byte (RFC 9700 §2.1).
fn exactly(uri: &str) -> String {
    let mut image = String::from("exactly:");
    image.extend(form_urlencoded::byte_serialize(uri.as_bytes()));
    image
}

/// [`exactly`] as the machines' own type.
fn exact_url(uri: &str) -> Url {
    #[expect(clippy::expect_used, reason = "a scheme and unreserved characters, as a test shows for any text")]
    Url::parse(&exactly(uri)).expect("an opaque path parses")
}

/// As [`exact_url`], for the machines that want a registered one.
fn registered(uri: &str) -> RegisteredUrl {
    #[expect(clippy::expect_used, reason = "as in exact_url")]
    ExactUrl::new(exactly(uri)).expect("an opaque path parses").into()
}

/// One moment by two clocks.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// By the clock that decides (docs/decisions/0014).
    pub ours: Timestamp,
    /// By the clock of this computer, which oxide-auth's machines read by themselves.
    pub theirs: Timestamp,
}

/// The end by the machines' clock of what ends at `end` by our clock. The machines read their clock by themselves; with
/// this end they decide by ours.
///
/// Some time passes before they read it, so a microsecond of ours becomes two seconds of theirs. One machine accepts
/// the last moment and another does not, so our moments fall between theirs.
fn until(end: Timestamp, now: Moment) -> DateTime<Utc> {
    let left = end.as_micros().saturating_sub(now.ours.as_micros()).saturating_mul(2).saturating_sub(1);
    let far = if left > 0 { DateTime::<Utc>::MAX_UTC } else { DateTime::<Utc>::MIN_UTC };
    let theirs = DateTime::from_timestamp_micros(now.theirs.as_micros());
    theirs.zip(TimeDelta::try_seconds(left)).and_then(|(now, left)| now.checked_add_signed(left)).unwrap_or(far)
}

/// What a machine of the token endpoint has asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// Whether the client is who it says.
    Client,
    /// What the request says.
    Request,
    /// What its code or its token stands for.
    Grant,
}

#[cfg(test)]
mod tests;
