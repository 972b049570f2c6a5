//! The tokens of providers that are kept for applications: taken in at a sign-in, renewed, and handed out.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::sleep;

use super::{find, refresh};
use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::{Allowed, ManageUsers, SignIn};
use crate::domain::federation::provider::Provider;
use crate::domain::federation::refusal::UpstreamRefusal;
use crate::domain::federation::upstream_token::{IDLE, KeptTokens, Next, UpstreamTokens, wait_after};
use crate::domain::operation::audit_event::{Action, Target};
use crate::foundation::Timestamp;
use crate::foundation::id::{CredentialId, UserId};
use crate::services::ServiceError;
use crate::services::operation::events::event;
use crate::storage::factor::second_factor;
use crate::storage::federation::{identity, upstream_token};
use crate::storage::operation::audit_event;
use crate::storage::{Conn, StoreError};

/// For so long nobody else renews what somebody has begun to: longer than a provider is waited for.
const LEASE: Duration = Duration::from_secs(30);
/// What is found to be due at once.
const PAGE: i64 = 200;
/// So many are renewed at once, of all providers together: people who sign in have the other turns of a provider.
const AT_ONCE: usize = 4;
/// How often it is looked whether somebody else has renewed them, and after how long each time: five seconds in all.
const LOOKS: u32 = 50;
const LOOK: Duration = Duration::from_millis(100);
/// That tokens were asked for is noted so often at most.
const NOTED: Duration = Duration::from_secs(3600);

/// What an application gets.
#[derive(Debug)]
pub enum Handed {
    /// A token that holds.
    Token(UpstreamTokens),
    /// None is kept: the person is not connected there, the provider's are not kept, or it refused to renew them.
    None,
    /// It has expired, and the provider has given nothing to renew it with.
    Over,
    /// The provider does not answer; how long to wait.
    Wait(Duration),
}

/// Keeps what a provider gave for an identity, where the operator wants that, in the transaction that it belongs to.
pub(super) async fn keep(
    app: &App,
    tx: &mut Conn,
    provider: &Provider,
    identity: CredentialId,
    given: &UpstreamTokens,
) -> Result<(), StoreError> {
    if !provider.keeps_tokens || !given.fit() {
        return Ok(());
    }
    let now = app.clock.now();
    let before = upstream_token::find(tx, identity).await?;
    // What was sealed under another key says nothing to us.
    let before = before.and_then(|kept| open(app, &kept).ok());
    let tokens = before.map_or_else(|| given.clone(), |before| before.replaced_by(given.clone()));
    let kept = sealed(app, provider, identity, &tokens, now).map_err(|_| StoreError::Corrupt("tokens to be sealed"))?;
    upstream_token::put(tx, &kept, now).await
}

/// The same for an identity that is signed in with, unless it is disconnected meanwhile.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn keep_at_sign_in(
    app: &App,
    _: &Allowed<'_, SignIn>,
    provider: &Provider,
    (user, identity): (UserId, CredentialId),
    given: &UpstreamTokens,
) -> Result<(), ServiceError> {
    if !provider.keeps_tokens {
        return Ok(());
    }
    app.store
        .transaction("keep_upstream_tokens", async |tx| {
            second_factor::lock(tx, user).await?;
            match identity::owner(tx, identity).await? {
                Some(_) => keep(app, tx, provider, identity, given).await,
                None => Ok(()),
            }
        })
        .await?;
    Ok(())
}

/// The access token of a person at a provider, renewed if it has to be: by one at a time, and the others wait for it.
///
/// # Errors
/// When the database does not answer.
pub async fn hand_out(app: &App, by: &Actor, user: UserId, provider: &Provider) -> Result<Handed, ServiceError> {
    if !provider.keeps_tokens {
        return Ok(Handed::None);
    }
    let renewing = Actor { origin: by.origin.clone(), ..Actor::system("renew_upstream_tokens") };
    let may = renewing.may(ManageUsers)?;
    let mut looks = LOOKS;
    loop {
        let read = async |conn: &mut _| upstream_token::of_user(conn, user, &provider.id).await;
        let Some(kept) = app.store.read("find_upstream_tokens", read).await? else { return Ok(Handed::None) };
        let (tokens, now) = (open(app, &kept)?, app.clock.now());
        match tokens.next(&kept, now) {
            Next::Give => {
                note_use(app, &may, &kept, now).await?;
                return Ok(Handed::Token(tokens));
            }
            Next::Over => return Ok(Handed::Over),
            Next::Wait(wait) => return Ok(Handed::Wait(wait)),
            Next::Renew => {}
        }
        if renew(app, &may, provider, &kept).await? {
            continue;
        }
        if looks == 0 {
            return Ok(Handed::Wait(LOOK));
        }
        looks -= 1;
        sleep(LOOK).await;
    }
}

/// The identities of a person whose tokens are kept.
///
/// # Errors
/// When the database does not answer.
pub async fn kept(app: &App, user: UserId) -> Result<Vec<CredentialId>, ServiceError> {
    let read = async |conn: &mut _| upstream_token::kept_of_user(conn, user).await;
    Ok(app.store.read("list_kept_upstream_tokens", read).await?)
}

/// Renews all that is to be renewed by now, and forgets what is of providers whose tokens are kept no more.
///
/// # Errors
/// When the database does not answer. A provider that does not is no error: its tokens are tried again later.
pub async fn renew_due(app: &App, by: &Actor) -> Result<(), ServiceError> {
    let may = by.may(ManageUsers)?;
    forget_unwanted(app, &may).await?;
    let now = app.clock.now();
    let read = async |conn: &mut _| upstream_token::due(conn, now, now.before(IDLE), PAGE).await;
    let due = app.store.read("find_upstream_tokens_to_renew", read).await?;
    for some in due.chunks(AT_ONCE) {
        let renewing = some.iter().map(|(identity, provider)| renew_one(app, &may, *identity, provider));
        for outcome in join_all(renewing).await {
            outcome?;
        }
    }
    Ok(())
}

async fn renew_one(
    app: &App,
    may: &Allowed<'_, ManageUsers>,
    identity: CredentialId,
    provider: &str,
) -> Result<(), ServiceError> {
    let Some(provider) = find(app, provider) else { return Ok(()) };
    let read = async |conn: &mut _| upstream_token::find(conn, identity).await;
    match app.store.read("find_upstream_tokens_of_identity", read).await? {
        Some(kept) => renew(app, may, &provider, &kept).await.map(drop),
        None => Ok(()),
    }
}

/// Renews tokens, unless somebody else is about it: tells whether it was tried. A refresh token that the provider takes no more
/// is forgotten, with all that came with it; whatever else goes wrong loses nothing.
async fn renew(
    app: &App,
    may: &Allowed<'_, ManageUsers>,
    provider: &Provider,
    seen: &KeptTokens,
) -> Result<bool, ServiceError> {
    let now = app.clock.now();
    let take = async |tx: &mut Conn| upstream_token::take(tx, seen.identity, seen.version, now, now.after(LEASE)).await;
    let Some(taken) = app.store.transaction("take_upstream_tokens", take).await? else { return Ok(false) };
    let tokens = open(app, &taken)?;
    let Some(refresh_token) = tokens.refresh.clone() else { return Ok(false) };
    let outcome = refresh::refresh(app, provider, &refresh_token).await;
    let (now, identity) = (app.clock.now(), taken.identity);
    match outcome {
        Ok(given) => {
            let tokens = tokens.replaced_by(given);
            let kept = KeptTokens { version: taken.version, ..sealed(app, provider, identity, &tokens, now)? };
            give_back(app, may, &kept, now).await?;
        }
        Err(UpstreamRefusal::Code { error }) if is_final(&error) => lose(app, may, provider, &taken).await?,
        Err(refusal) => {
            if taken.failures == 0 {
                tracing::warn!(provider = provider.id, error = %refusal, "upstream token not renewed; it is tried again");
            }
            let failures = taken.failures.saturating_add(1);
            let renew_at = Some(now.after(wait_after(failures)));
            give_back(app, may, &KeptTokens { failures, renew_at, ..taken }, now).await?;
        }
    }
    Ok(true)
}

/// Whether a refresh token is good for nothing any more (RFC 6749 §5.2), also in GitHub's words.
fn is_final(error: &str) -> bool {
    matches!(error, "invalid_grant" | "bad_refresh_token")
}

async fn give_back(
    app: &App,
    _: &Allowed<'_, ManageUsers>,
    kept: &KeptTokens,
    now: Timestamp,
) -> Result<(), ServiceError> {
    let write = async |tx: &mut Conn| upstream_token::give_back(tx, kept, now).await;
    app.store.transaction("give_upstream_tokens_back", write).await?;
    Ok(())
}

async fn lose(
    app: &App,
    may: &Allowed<'_, ManageUsers>,
    provider: &Provider,
    taken: &KeptTokens,
) -> Result<(), ServiceError> {
    let lost = app
        .store
        .transaction("lose_upstream_tokens", async |tx| {
            let owner = identity::owner(tx, taken.identity).await?;
            let done = upstream_token::forget(tx, taken).await?;
            if let Some(owner) = owner.filter(|_| done) {
                let lost = event(app, may, Action::UpstreamTokenLost).about(Target::user(owner));
                audit_event::insert(tx, &lost.because("the provider takes its refresh token no more")).await?;
            }
            Ok(owner.filter(|_| done))
        })
        .await?;
    if let Some(user) = lost {
        tracing::info!(%user, provider = provider.id, "upstream tokens forgotten: the provider renews them no more");
    }
    Ok(())
}

async fn note_use(
    app: &App,
    _: &Allowed<'_, ManageUsers>,
    kept: &KeptTokens,
    now: Timestamp,
) -> Result<(), ServiceError> {
    if now.since(kept.used_at) >= NOTED {
        let write = async |tx: &mut Conn| upstream_token::note_use(tx, kept.identity, now).await;
        app.store.transaction("note_use_of_upstream_tokens", write).await?;
    }
    Ok(())
}

/// Forgets the tokens of every provider that is not there any more, or whose tokens are kept no longer.
async fn forget_unwanted(app: &App, _: &Allowed<'_, ManageUsers>) -> Result<(), ServiceError> {
    let mut last = String::new();
    loop {
        let read = async |conn: &mut _| upstream_token::provider_after(conn, &last).await;
        let Some(id) = app.store.read("find_provider_of_tokens", read).await? else { return Ok(()) };
        if !find(app, &id).is_some_and(|provider| provider.keeps_tokens) {
            let forget = async |tx: &mut Conn| upstream_token::forget_of_provider(tx, &id).await;
            let rows = app.store.transaction("forget_upstream_tokens", forget).await?;
            tracing::info!(provider = id, rows, "upstream tokens forgotten: they are kept no more");
        }
        last = id;
    }
}

/// What the tokens of an identity are sealed to, so that nothing is gained by moving them to another.
fn context(identity: CredentialId) -> String {
    format!("upstream_tokens/{identity}")
}

fn open(app: &App, kept: &KeptTokens) -> Result<UpstreamTokens, ServiceError> {
    let opened = app.master.open(&context(kept.identity), &kept.sealed)?;
    serde_json::from_slice(&opened).map_err(ServiceError::internal)
}

fn sealed(
    app: &App,
    provider: &Provider,
    identity: CredentialId,
    tokens: &UpstreamTokens,
    now: Timestamp,
) -> Result<KeptTokens, ServiceError> {
    let text = serde_json::to_vec(tokens).map_err(ServiceError::internal)?;
    Ok(KeptTokens {
        identity,
        provider: provider.id.clone(),
        sealed: app.master.seal(&context(identity), &text, &app.random)?,
        renew_at: tokens.renew_at(now),
        failures: 0,
        version: 1,
        used_at: now,
    })
}
