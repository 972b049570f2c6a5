//! Applications that register themselves (RFC 7591), and manage that (RFC 7592).
//!
//! The registration access token stays the same for as long as the client is there. RFC 7592 §2 lets a server give another one with
//! each answer; then a client that did not get an answer, or has its configuration in two places, could never again be changed or
//! deleted by whoever registered it, and most programs do not expect it. It is 256 random bits, of which only the hash is here.

mod initial_tokens;
mod manage;
mod register;
mod unused;

pub use self::initial_tokens::{NewToken, create_token, revoke_token, tokens};
pub use self::manage::{Changed, Replaced, forget, read, replace};
pub use self::register::{Answer, SelfRegistered, register};
pub use self::unused::delete_unused;
use crate::app::App;
use crate::domain::oauth::client::self_registration::OwnBounds;
use crate::domain::oauth::client::{Client, GrantType};
use crate::domain::oauth::error::{ErrorCode, Refusal};

/// What a new client may have; `credited` when a token of the operator let it in.
fn bounds(app: &App, credited: bool) -> OwnBounds<'_> {
    OwnBounds { all: app.settings.bounds(), scopes: &app.settings.registration.scopes, credited, before: None }
}

/// What one may have that is there already: what it has, it may keep.
fn bounds_of<'a>(app: &'a App, client: &'a Client) -> OwnBounds<'a> {
    // A token has let it in, or the operator has seen to it since.
    let credited = client.allows(GrantType::ClientCredentials);
    OwnBounds { before: Some(client), ..bounds(app, credited) }
}

/// The one answer to every token that does not hold: whether it is wrong, or what it is for is not there, is not told.
fn bad_token() -> Refusal {
    Refusal::new(ErrorCode::InvalidToken, "The token does not hold, or there is nothing here that it is for.")
}
