//! `grant_type=authorization_code` (RFC 6749 §4.1.3).

use super::TokenResponse;
use super::issue::{self, Prepared};
use crate::app::App;
use crate::domain::oauth::client::{Client, GrantType};
use crate::domain::oauth::code::{self, Redemption};
use crate::domain::oauth::error::{ErrorCode, Refusal};
use crate::domain::oauth::grant::GrantState;
use crate::domain::oauth::params::Params;
use crate::domain::oauth::refresh_token::RefreshToken;
use crate::foundation::{Secret, Timestamp};
use crate::services::ServiceError;
use crate::storage::{Conn, StoreError, authorization_code, grant, refresh_token};

/// What the transaction found. A refusal that must be remembered is an outcome, not an error: an error would undo its
/// own record.
enum Outcome {
    Redeemed(Box<Prepared>, Option<String>, Option<Secret>),
    Refused(Refusal),
    Replayed,
}

/// Redeems a code once. A second valid request ends everything that the first was given (RFC 9700 §2.1.1); an invalid
/// one changes nothing.
///
/// # Errors
/// `invalid_grant` or `invalid_request`.
pub async fn redeem(app: &App, client: &Client, params: &Params) -> Result<TokenResponse, ServiceError> {
    let now = app.clock.now();
    let hash = code::presented(params)?;
    let outcome = app
        .store
        .transaction(async |tx| {
            let code = authorization_code::find(tx, &hash).await?;
            let redemption = match code::redeem(params, client, code.as_ref(), now) {
                Ok(redemption) => redemption,
                Err(refusal) => return Ok(Outcome::Refused(refusal)),
            };
            let Some(code) = code else {
                return Err(StoreError::Corrupt("a code was redeemed that is not there"));
            };
            // Whoever loses the race for the one use is a replay like any other.
            if redemption == Redemption::Replay || !authorization_code::take(tx, &hash, now).await? {
                grant::revoke(tx, code.grant, now).await?;
                return Ok(Outcome::Replayed);
            }
            let Some(state) = grant::state(tx, code.grant).await? else {
                return Ok(Outcome::Refused(gone()));
            };
            if let Err(refusal) = state.check(client, now) {
                return Ok(Outcome::Refused(refusal));
            }
            // Signing out ends what was about to begin, offline or not: no session is revived (rauthy 989f9ff9).
            if state.grant.session.is_some() && !state.session_holds(now) {
                return Ok(Outcome::Refused(Refusal::new(ErrorCode::InvalidGrant, "The user has signed out.")));
            }
            let refresh = first_refresh_token(app, tx, client, &state, now).await?;
            let scope = state.grant.scope.clone();
            let prepared = issue::prepare(app, tx, client, state, scope, now).await?;
            Ok(Outcome::Redeemed(Box::new(prepared), code.nonce, refresh))
        })
        .await?;
    match outcome {
        Outcome::Redeemed(prepared, nonce, refresh) => {
            issue::for_user(app, client, *prepared, nonce, refresh.map(|token| token.reveal()), now)
        }
        Outcome::Refused(refusal) => Err(refusal.into()),
        Outcome::Replayed => {
            tracing::warn!(client = %client.id, "authorization code replayed: its grant was revoked");
            Err(Refusal::new(ErrorCode::InvalidGrant, "The code was already used; what it had given was revoked.")
                .into())
        }
    }
}

fn gone() -> Refusal {
    Refusal::new(ErrorCode::InvalidGrant, "The code is unknown or has expired.").with("grant", "no longer there")
}

/// A client that is registered for them gets a refresh token: with offline_access one that outlives the session.
async fn first_refresh_token(
    app: &App,
    tx: &mut Conn,
    client: &Client,
    state: &GrantState,
    now: Timestamp,
) -> Result<Option<Secret>, StoreError> {
    if !client.allows(GrantType::RefreshToken) {
        return Ok(None);
    }
    let token = Secret::generate(&app.random);
    let row = RefreshToken {
        hash: token.hash(),
        grant: state.grant.id,
        generation: 0,
        created_at: now,
        expires_at: now.after(app.settings.lifetimes.refresh_token_idle).min(state.grant.expires_at),
        used_at: None,
    };
    refresh_token::insert(tx, &row).await?;
    Ok(Some(token))
}
