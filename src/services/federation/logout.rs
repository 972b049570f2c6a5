//! A provider tells that somebody has signed out there (OpenID Connect Back-Channel Logout 1.0).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use openidconnect::core::{CoreJsonWebKey, CoreJsonWebKeySet, CoreJwsSigningAlgorithm};
use openidconnect::{JsonWebKey, JsonWebKeyUse, JwsSigningAlgorithm};
use serde_json::{Map, Value};

use super::id_token::{ALGORITHMS, decoded, payload};
use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::ManageUsers;
use crate::domain::factor::method::Method;
use crate::domain::federation::identity::upstream_session;
use crate::domain::federation::logout_token::{Expected, LogoutRefusal, LogoutToken, check_type, read};
use crate::domain::federation::provider::{Protocol, Provider, UpstreamIssuer};
use crate::domain::operation::audit_event::{Action, Target};
use crate::foundation::SecretHash;
use crate::foundation::id::{SessionId, UserId};
use crate::runtime::upstream::{Asking, Metadata, Upstream};
use crate::services::ServiceError;
use crate::services::error::Unavailable;
use crate::services::operation::events::{self, event};
use crate::services::operation::jobs;
use crate::services::sign_in::session_end::end_in;
use crate::storage::federation::{identity, logout_token};
use crate::storage::operation::audit_event;
use crate::storage::sign_in::{pending_sign_in, session};
use crate::storage::{Conn, StoreError};

/// The longest token.
const LONGEST: usize = 16 * 1024;
/// How often somebody else's look for the keys is waited for.
const LOOKS: usize = 4;
/// When a provider whose keys cannot be had is worth asking again.
const LATER: Duration = Duration::from_secs(30);

/// Ends the sessions here that a logout token of the provider names, with the grants that do not outlive them, and sign-ins of
/// its person that are half done. Tells how many sessions.
///
/// Whoever has no key of the provider makes us store nothing: what a stranger costs is reading a text and, once in half a minute,
/// a look for a key that is not known.
///
/// # Errors
/// When the database, or the provider whose keys are needed, does not answer: the token can be sent again.
pub async fn back_channel_logout(
    app: &App,
    from: &Actor,
    provider: &Provider,
    token: &str,
) -> Result<Result<usize, LogoutRefusal>, ServiceError> {
    let outcome = match verified(app, provider, token).await? {
        Ok(token) => take(app, from, provider, token).await?,
        Err(refusal) => Err(refusal),
    };
    if outcome.is_err() {
        events::count_refused(app, Action::UpstreamRefused, None, from.origin.address);
    }
    Ok(outcome)
}

/// What the token says, if it is the provider's, for us and of now.
async fn verified(
    app: &App,
    provider: &Provider,
    token: &str,
) -> Result<Result<LogoutToken, LogoutRefusal>, ServiceError> {
    let Protocol::OpenId { issuer } = &provider.protocol else { return Ok(Err(LogoutRefusal::Protocol)) };
    // All that costs nothing comes first.
    let (unverified, signed) = match parts(app, provider, token) {
        Ok(parts) => parts,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let told = keys_say(app, provider, issuer, &unverified, &signed).await.map_err(|down| {
        let cause = format!("upstream provider {}: {down}", provider.id);
        ServiceError::Unavailable(Unavailable { cause, retry_after: LATER, may_be_done: false, by_strangers: false })
    })?;
    Ok(told.map(|()| unverified))
}

/// A token in its parts.
struct Signed<'a> {
    algorithm: CoreJwsSigningAlgorithm,
    key: Option<String>,
    message: &'a [u8],
    signature: Vec<u8>,
}

/// What the token says, whoever has made it, and by what to find that out.
fn parts<'a>(app: &App, provider: &Provider, token: &'a str) -> Result<(LogoutToken, Signed<'a>), LogoutRefusal> {
    let unreadable = LogoutRefusal::Unreadable;
    let (message, signature) = token.rsplit_once('.').filter(|_| token.len() <= LONGEST).ok_or(unreadable)?;
    let (header, _) = message.split_once('.').ok_or(unreadable)?;
    let header: Map<String, Value> = decoded(header).ok_or(unreadable)?;
    // Whatever is critical, we do not know it (RFC 7515 §4.1.11).
    if header.contains_key("crit") {
        return Err(unreadable);
    }
    check_type(header.get("typ").map(|typ| typ.as_str().unwrap_or_default()))?;
    let algorithm = header.get("alg").cloned().unwrap_or_default();
    let algorithm = serde_json::from_value(algorithm).ok().filter(|algorithm| ALGORITHMS.contains(algorithm));
    let algorithm = algorithm.ok_or(LogoutRefusal::Algorithm)?;
    let claims = payload(token).ok_or(unreadable)?;
    let issuer = claims.get("iss").and_then(Value::as_str).ok_or(LogoutRefusal::Issuer)?.to_owned();
    let expected = Expected { client_id: &provider.client_id, now: app.clock.now() };
    let token = read(issuer, &claims, expected)?;
    let key = header.get("kid").and_then(Value::as_str).map(str::to_owned);
    let signature = super::id_token::bytes(signature).ok_or(unreadable)?;
    Ok((token, Signed { algorithm, key, message: message.as_bytes(), signature }))
}

/// Whether the provider's keys say that it has signed that. They are asked for only where they are not known, once in half a
/// minute: whoever sends a token is nobody yet.
///
/// # Errors
/// When they cannot be had.
async fn keys_say(
    app: &App,
    provider: &Provider,
    issuer: &UpstreamIssuer,
    token: &LogoutToken,
    signed: &Signed<'_>,
) -> Result<Result<(), LogoutRefusal>, String> {
    let (upstream, now) = (app.upstreams.of(&provider.id), app.clock.now());
    let says = |metadata: &Metadata, keys: &CoreJsonWebKeySet| match issuer.is_of(&metadata.issuer, &token.issuer) {
        true => holds(keys, signed),
        false => Err(LogoutRefusal::Issuer),
    };
    let mut answered = false;
    for _ in 0..LOOKS {
        if let Some((metadata, keys)) = upstream.known(now).await {
            match says(&metadata, &keys) {
                Err(LogoutRefusal::UnknownKey) => {}
                told => return Ok(told),
            }
        }
        if answered {
            return Ok(Err(LogoutRefusal::UnknownKey));
        }
        match upstream.ask_for_nobody(now) {
            Asking::Now => {
                let (metadata, keys) = fetched(app, &upstream, issuer).await?;
                upstream.answered_nobody();
                return Ok(says(&metadata, &keys));
            }
            // Perhaps since we looked: once more.
            Asking::Answered => answered = true,
            // Somebody is about it, or it was in vain.
            Asking::Unanswered => {}
        }
    }
    Err("its keys cannot be had".to_owned())
}

async fn fetched(
    app: &App,
    upstream: &Upstream,
    issuer: &UpstreamIssuer,
) -> Result<(Arc<Metadata>, Arc<CoreJsonWebKeySet>), String> {
    let now = app.clock.now();
    let knew = upstream.known(now).await.is_some();
    let metadata = upstream.metadata(&app.outbound, issuer, now).await?;
    let keys = upstream.keys(&app.outbound, &metadata.jwks, knew, now).await?;
    Ok((metadata, keys))
}

/// Whether one of these keys has signed it: the one that it names, or the only one that it can be.
fn holds(keys: &CoreJsonWebKeySet, signed: &Signed<'_>) -> Result<(), LogoutRefusal> {
    let fits = |key: &&CoreJsonWebKey| {
        let named = signed.key.as_ref().is_none_or(|name| key.key_id().is_some_and(|id| id.as_str() == name));
        let signs = key.key_use().is_none_or(|purpose| purpose.allows_signature());
        named && signs && signed.algorithm.key_type().as_ref() == Some(key.key_type())
    };
    let mut fitting = keys.keys().iter().filter(fits);
    match (fitting.next(), fitting.next()) {
        (None, _) => Err(LogoutRefusal::UnknownKey),
        (Some(_), Some(_)) => Err(LogoutRefusal::Signature),
        (Some(key), None) => key
            .verify_signature(&signed.algorithm, signed.message, &signed.signature)
            .map_err(|_| LogoutRefusal::Signature),
    }
}

/// Takes a token that holds, once.
async fn take(
    app: &App,
    from: &Actor,
    provider: &Provider,
    token: LogoutToken,
) -> Result<Result<usize, LogoutRefusal>, ServiceError> {
    let by = Actor { origin: from.origin.clone(), ..Actor::system("back_channel_logout") };
    let may = by.may(ManageUsers)?;
    let hash = SecretHash::of(&format!("logout token/{}\n{}\n{}", provider.id, token.issuer, token.id));
    let ended = app
        .store
        .transaction("end_by_provider", async |tx| {
            if !logout_token::take(tx, &hash, token.over).await? {
                return Ok(None);
            }
            let mut ended = 0;
            for (user, sessions) in named(tx, provider, &token).await? {
                let mut here = Vec::new();
                for id in sessions {
                    if end_in(app, tx, id).await? {
                        here.push(id);
                    }
                }
                let event = event(app, &may, Action::SessionEnded).about(Target::user(user));
                let mut event = event.because("its upstream provider ended it").times(here.len());
                if let [one] = here.as_slice() {
                    event = event.about(Target::session(*one));
                }
                audit_event::insert_if(tx, !here.is_empty(), &event).await?;
                ended += here.len();
            }
            Ok(Some(ended))
        })
        .await?;
    let Some(sessions) = ended else { return Ok(Err(LogoutRefusal::Replayed)) };
    if sessions > 0 {
        jobs::begin(app);
        tracing::info!(provider = provider.id, sessions, "sessions ended by an upstream provider");
    }
    Ok(Ok(sessions))
}

/// The sessions that a token names, of whom. With a subject those that its identity began; where a session is named too, only
/// those that began in it there, and those of which that is not known.
async fn named(
    tx: &mut Conn,
    provider: &Provider,
    token: &LogoutToken,
) -> Result<BTreeMap<UserId, Vec<SessionId>>, StoreError> {
    let there = token.session.as_ref().map(|session| upstream_session(&provider.id, &token.issuer, session));
    let mut named: BTreeMap<_, Vec<_>> = BTreeMap::new();
    let Some(subject) = &token.subject else {
        if let Some(there) = there {
            for (id, user) in session::begun_in(tx, &there).await? {
                named.entry(user).or_default().push(id);
            }
        }
        return Ok(named);
    };
    let Some(identity) = identity::find(tx, &provider.id, &token.issuer, subject).await? else { return Ok(named) };
    pending_sign_in::end_of_user(tx, identity.user).await?;
    for (id, proofs) in session::proved_of_user(tx, identity.user).await? {
        let from_there = proofs.iter().any(|proof| {
            let known = proof.upstream_session.filter(|_| there.is_some());
            let is_there = known.is_none() || known == there;
            let says_who = matches!(proof.method, Method::Upstream | Method::UpstreamSometime);
            says_who && proof.credential == Some(identity.id) && is_there
        });
        if from_there {
            named.entry(identity.user).or_default().push(id);
        }
    }
    Ok(named)
}
