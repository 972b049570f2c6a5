//! `grant_type=refresh_token` (RFC 6749 §6).

use super::TokenResponse;
use super::issue::{self, Prepared};
use crate::app::App;
use crate::domain::access::permission::{Allowed, UseTokensOf};
use crate::domain::oauth::client::authentication::Authenticated;
use crate::domain::oauth::error::{ErrorCode, Kind, Refusal};
use crate::domain::oauth::grant::Moment;
use crate::domain::oauth::grant::refresh_token as rule;
use crate::domain::oauth::grant::refresh_token::{Presented, RefreshToken};
use crate::domain::oauth::params::Params;

use crate::foundation::{Clock, Secret, SecretHash, Timestamp};
use crate::services::ServiceError;
use crate::services::oauth::recipient::Recipient;
use crate::services::oauth::revoke::ended;
use crate::services::operation::clock_guard;
use crate::storage::oauth::{grant, refresh_token};
use crate::storage::{Conn, StoreError};

/// What the transaction found; see [`super::authorization_code`].
enum Outcome {
    Refreshed(Box<Prepared>, Secret),
    Refused(Refusal),
    Replayed,
}

/// Rotates a refresh token. Presented again within ten seconds, it yields the same successor: a client whose answer
/// was lost is not stranded. Presented later, or once the successor was used, it ends the family.
///
/// # Errors
/// `invalid_grant`, `invalid_scope` or `invalid_request`.
pub async fn refresh(
    app: &App,
    may: &Allowed<'_, UseTokensOf<'_>>,
    client: &Authenticated,
    params: &Params,
) -> Result<TokenResponse, ServiceError> {
    let now = app.clock.now();
    let presented = rule::presented(params)?;
    // If the keys are not to be had that the ID token is encrypted to, nothing is used up.
    Recipient::of(app, client, client.metadata.encryption.id_token()).await?;
    let work = async |tx: &mut Conn| rotate(app, tx, may, client, params, presented, now).await;
    match app.store.write("rotate_refresh_token", issue::writes(app, client), work).await? {
        Outcome::Refreshed(prepared, successor) => {
            issue::for_user(app, client, *prepared, None, Some(successor.reveal()), now).await
        }
        Outcome::Refused(refusal) => Err(refusal.into()),
        Outcome::Replayed => {
            tracing::warn!(client = %client.id, "refresh token replayed: its grant was revoked");
            Err(Refusal::new(ErrorCode::InvalidGrant, "The refresh token was already used; its grant was revoked.")
                .of(Kind::Replayed)
                .into())
        }
    }
}

async fn rotate(
    app: &App,
    tx: &mut Conn,
    may: &Allowed<'_, UseTokensOf<'_>>,
    client: &Authenticated,
    params: &Params,
    presented: &str,
    now: Timestamp,
) -> Result<Outcome, StoreError> {
    let hash = SecretHash::of(presented);
    let Some((token, state)) = refresh_token::find_with_grant(tx, &hash).await? else {
        return Ok(Outcome::Refused(
            Refusal::new(ErrorCode::InvalidGrant, "The refresh token is unknown.").of(Kind::GrantEnded),
        ));
    };
    // The scope is checked before the token is used up: a request for too much loses nothing. Another client's token
    // is refused here too, without a consequence for its owner. What the client may no longer ask for, it no longer gets.
    let moment = Moment { ours: now, theirs: Clock::System.now() };
    let granted = state.grant.scope.intersection(&client.metadata.scope);
    let allowed = rule::scope(params, client, &token, &state.grant.client, &granted, moment)
        .and_then(|scope| clock_guard::check_grant(app, &state, client, now).map(|()| scope))
        .and_then(|scope| {
            let target = issue::target(app, client, params, (&state.grant.resources, &granted), &scope)?;
            Ok((scope, target))
        });
    let allowed = match allowed {
        Ok(allowed) => allowed,
        Err(refusal) => return Ok(Outcome::Refused(refusal)),
    };
    let next = rule::successor(&app.refresh_key, presented, token.grant, token.generation);
    let successor = RefreshToken {
        hash: next.hash(),
        grant: token.grant,
        generation: token.generation.saturating_add(1),
        created_at: now,
        expires_at: now.after(app.settings.token_lifetimes(client).refresh_token_idle).min(state.grant.expires_at),
        used_at: None,
        used_by: None,
    };
    match present(app, tx, &token, &successor, now).await? {
        Presented::Replay => {
            let ended = ended(app, may, &state.grant, "a refresh token was replayed");
            grant::revoke_with(tx, token.grant, now, &ended).await?;
            Ok(Outcome::Replayed)
        }
        Presented::Rotate | Presented::Repeat => {
            let prepared = issue::prepare(app, tx, client, state, allowed, now).await?;
            Ok(Outcome::Refreshed(Box::new(prepared), next))
        }
    }
}

/// Decides what presenting means, and for a first use takes it: one statement, so that of many at once one rotates, which
/// adds the successor, and the others find a token that was just used.
async fn present(
    app: &App,
    tx: &mut Conn,
    token: &RefreshToken,
    successor: &RefreshToken,
    now: Timestamp,
) -> Result<Presented, StoreError> {
    if token.used_at.is_none() && refresh_token::rotate(tx, &token.hash, now, app.instance, successor).await? {
        return Ok(Presented::Rotate);
    }
    let Some(token) = refresh_token::find(tx, &token.hash).await?.filter(|token| token.used_at.is_some()) else {
        return Err(StoreError::Corrupt("a refresh token vanished while it was used"));
    };
    let successor = refresh_token::generation(tx, token.grant, token.generation.saturating_add(1)).await?;
    let began_at = token.used_at.unwrap_or(token.created_at);
    Ok(token.present(successor.as_ref(), clock_guard::judged_by(app, token.used_by, began_at, now)))
}
