//! `grant_type=authorization_code` (RFC 6749 §4.1.3).

use super::TokenResponse;
use super::issue::{self, Prepared};
use crate::app::App;
use crate::domain::access::permission::{Allowed, UseTokensOf};
use crate::domain::oauth::client::authentication::Authenticated;
use crate::domain::oauth::client::{Client, GrantType};
use crate::domain::oauth::error::{ErrorCode, Kind, Refusal};
use crate::domain::oauth::grant::authorization_code::{AuthorizationCode, Redemption, presented, redeem as decide};
use crate::domain::oauth::grant::refresh_token::RefreshToken;
use crate::domain::oauth::grant::{Grant, GrantState, Moment};
use crate::domain::oauth::params::Params;

use crate::foundation::{Clock, Secret, SecretHash, Timestamp};
use crate::services::ServiceError;
use crate::services::oauth::recipient::Recipient;
use crate::services::oauth::revoke::ended;
use crate::services::operation::clock_guard;
use crate::storage::oauth::{authorization_code, grant, refresh_token};
use crate::storage::{Conn, StoreError};

/// What the transaction found. A refusal that must be remembered is an outcome, not an error: an error would undo its
/// own record.
enum Outcome {
    Redeemed(Box<Prepared>, Option<String>, Option<Secret>),
    Refused(Refusal),
    Repeated,
    Replayed,
}

/// Redeems a code once. A second valid request ends everything that the first was given (RFC 9700 §2.1.1), unless it
/// comes within ten seconds and nothing of that has been used (docs/decisions/0019); an invalid one changes nothing.
///
/// # Errors
/// `invalid_grant` or `invalid_request`.
pub async fn redeem(
    app: &App,
    may: &Allowed<'_, UseTokensOf<'_>>,
    client: &Authenticated,
    params: &Params,
) -> Result<TokenResponse, ServiceError> {
    let now = app.clock.now();
    let hash = presented(params)?;
    // If the keys are not to be had that the ID token is encrypted to, nothing is used up.
    Recipient::of(app, client, client.metadata.encryption.id_token()).await?;
    let work = async |tx: &mut Conn| redeem_in(app, tx, may, client, params, &hash, now).await;
    match app.store.write("redeem_code", issue::writes(app, client), work).await? {
        Outcome::Redeemed(prepared, nonce, refresh) => {
            issue::for_user(app, client, *prepared, nonce, refresh.map(|token| token.reveal()), now).await
        }
        Outcome::Refused(refusal) => Err(refusal.into()),
        Outcome::Repeated => {
            tracing::info!(client = %client.id, "authorization code sent again within ten seconds");
            Err(Refusal::new(ErrorCode::InvalidGrant, "The code was already used.").of(Kind::Replayed).into())
        }
        Outcome::Replayed => {
            tracing::warn!(client = %client.id, "authorization code replayed: its grant was revoked");
            Err(Refusal::new(ErrorCode::InvalidGrant, "The code was already used; what it had given was revoked.")
                .of(Kind::Replayed)
                .into())
        }
    }
}

/// Refuses a code that was used before. What it had given ends, unless that was a moment ago and nobody has used any of
/// it: then whoever has it is the client itself, which sent its request twice.
async fn again(
    app: &App,
    tx: &mut Conn,
    may: &Allowed<'_, UseTokensOf<'_>>,
    (code, granted): (&AuthorizationCode, &Grant),
    redemption: Redemption,
    now: Timestamp,
) -> Result<Outcome, StoreError> {
    if redemption != Redemption::Replay {
        let first = refresh_token::generation(tx, code.grant, 0).await?;
        if first.is_none_or(|token| token.used_at.is_none()) && !app.verified_tokens.has_seen(code.grant) {
            return Ok(Outcome::Repeated);
        }
    }
    let ended = ended(app, may, granted, "an authorization code was replayed");
    grant::revoke_with(tx, code.grant, now, &ended).await?;
    Ok(Outcome::Replayed)
}

async fn redeem_in(
    app: &App,
    tx: &mut Conn,
    may: &Allowed<'_, UseTokensOf<'_>>,
    client: &Authenticated,
    params: &Params,
    hash: &SecretHash,
    now: Timestamp,
) -> Result<Outcome, StoreError> {
    let (code, state) = authorization_code::find_with_grant(tx, hash).await?.unzip();
    let judged_at = code.as_ref().map_or(now, |code| match code.used_at {
        Some(used_at) => clock_guard::judged_by(app, code.used_by, used_at, now),
        None => clock_guard::judged_by(app, code.made_by, code.created_at, now),
    });
    let redemption =
        match decide(params, client, code.as_ref(), Moment { ours: judged_at, theirs: Clock::System.now() }) {
            Ok(redemption) => redemption,
            Err(refusal) => return Ok(Outcome::Refused(refusal)),
        };
    let Some((code, state)) = code.zip(state) else {
        return Err(StoreError::Corrupt("a code was redeemed that is not there"));
    };
    if redemption != Redemption::First {
        return again(app, tx, may, (&code, &state.grant), redemption, now).await;
    }
    if let Err(refusal) = clock_guard::check_grant(app, &state, client, now) {
        return Ok(Outcome::Refused(refusal));
    }
    // Signing out ends what was about to begin, offline or not: no session is revived (rauthy 989f9ff9).
    if state.grant.session.is_some() && !state.session_holds(now) {
        return Ok(Outcome::Refused(
            Refusal::new(ErrorCode::InvalidGrant, "The user has signed out.").of(Kind::GrantEnded),
        ));
    }
    // Before the code is used up: a request for another API loses nothing.
    let scope = state.grant.scope.clone();
    let target = match issue::target(app, client, params, (&state.grant.resources, &scope), &scope) {
        Ok(target) => target,
        Err(refusal) => return Ok(Outcome::Refused(refusal)),
    };
    let refresh = first_refresh_token(app, client, &state, now);
    let taken = match &refresh {
        Some((_, token)) => authorization_code::take_for(tx, hash, judged_at, now, app.instance, token).await?,
        None => authorization_code::take(tx, hash, judged_at, now, app.instance).await?,
    };
    if !taken {
        // Whoever loses the race for the one use comes a moment after it.
        return again(app, tx, may, (&code, &state.grant), Redemption::Repeat, now).await;
    }
    let prepared = issue::prepare(app, tx, client, state, (scope, target), now).await?;
    Ok(Outcome::Redeemed(Box::new(prepared), code.nonce, refresh.map(|(token, _)| token)))
}

/// A client that is registered for them gets a refresh token: with offline_access one that outlives the session.
fn first_refresh_token(
    app: &App,
    client: &Client,
    state: &GrantState,
    now: Timestamp,
) -> Option<(Secret, RefreshToken)> {
    if !client.allows(GrantType::RefreshToken) {
        return None;
    }
    let token = Secret::generate(&app.random);
    let row = RefreshToken {
        hash: token.hash(),
        grant: state.grant.id,
        generation: 0,
        created_at: now,
        expires_at: now.after(app.settings.token_lifetimes(client).refresh_token_idle).min(state.grant.expires_at),
        used_at: None,
        used_by: None,
    };
    Some((token, row))
}
