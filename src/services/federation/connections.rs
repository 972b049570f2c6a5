//! The identities at other providers that are connected to one's own account.

use super::exchange::{self, Described};
use super::groups;
use super::sign_in::identity_of;
use super::tokens;
use super::ways_in;
use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::ActOnSelf;
use crate::domain::federation::identity::{Identity, MOST};
use crate::domain::federation::provider::Provider;
use crate::domain::federation::refusal::UpstreamRefusal;
use crate::domain::operation::audit_event::{Action, Target};
use crate::foundation::id::{CredentialId, UserId};
use crate::mail::message::Message;
use crate::services::ServiceError;
use crate::services::account::tell;
use crate::services::operation::events::event;
use crate::services::operation::jobs;
use crate::services::sign_in::own_page::FreshSession;
use crate::storage::federation::identity;
use crate::storage::operation::audit_event;

/// What came of connecting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Connected {
    /// It is connected, or was so before.
    Yes,
    /// It is connected to somebody else's account.
    Elsewhere,
    /// The account has as many as it may.
    TooMany,
    /// The session has ended or is no longer fresh, or the account was changed.
    Overtaken,
    /// It is nobody who is let in.
    Refused(UpstreamRefusal),
}

/// What came of disconnecting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disconnected {
    /// It is connected no more.
    Yes,
    /// There was none.
    None,
    /// It is the only way in which its person signs in.
    Last,
    /// The session has ended or is no longer fresh, or the account was changed.
    Overtaken,
}

/// Those of an account, the oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list(app: &App, user: UserId) -> Result<Vec<Identity>, ServiceError> {
    let most = i64::try_from(MOST).unwrap_or(i64::MAX);
    Ok(app.store.read("list_identities", async |conn| identity::of_user(conn, user, most).await).await?)
}

/// Connects whoever a provider describes to the account of a fresh session, which is told by mail.
///
/// # Errors
/// When the database does not answer.
pub async fn connect(
    app: &App,
    by: &Actor,
    held: &FreshSession,
    provider: &Provider,
    mut described: Described,
) -> Result<Connected, ServiceError> {
    let owner = held.user();
    let may = by.may(ActOnSelf(owner.id))?;
    if let Err(refusal) = exchange::add_email(app, provider, &mut described).await {
        return Ok(Connected::Refused(refusal));
    }
    let arrival = match provider.claims.read(&described.issuer, &described.claims) {
        Ok(arrival) => arrival,
        Err(refusal) => return Ok(Connected::Refused(refusal)),
    };
    if let Err(refusal) = arrival.admitted(&provider.policy) {
        return Ok(Connected::Refused(refusal));
    }
    let new = identity_of(app, provider, &arrival, owner.id);
    let connected = || event(app, &may, Action::IdentityConnected).about(Target::user(owner.id));
    let name = provider.name.clone();
    let told = tell::prepare(app, by, owner, move |how| Message::IdentityConnected { how, provider: name });
    let most = i64::try_from(MOST).unwrap_or(i64::MAX);
    let done = app
        .store
        .transaction("connect_identity", async |tx| {
            if !held.hold(tx).await? {
                return Ok(Connected::Overtaken);
            }
            if let Some(other) = identity::find(tx, &provider.id, &new.issuer, &new.subject).await? {
                if other.user != owner.id {
                    return Ok(Connected::Elsewhere);
                }
                tokens::keep(app, tx, provider, other.id, &described.given).await?;
                return Ok(Connected::Yes);
            }
            if identity::of_user(tx, owner.id, most).await?.len() >= MOST {
                return Ok(Connected::TooMany);
            }
            if !identity::insert(tx, &new).await? {
                return Ok(Connected::Elsewhere);
            }
            tokens::keep(app, tx, provider, new.id, &described.given).await?;
            let changes = groups::begin(app, tx, &arrival, &new).await?;
            audit_event::insert(tx, &connected().changed(changes)).await?;
            told.enqueue(app, tx).await?;
            Ok(Connected::Yes)
        })
        .await?;
    jobs::begin(app);
    Ok(done)
}

/// Disconnects one, unless it is the only way in: without a password, a passkey that signs in, an address at which a sign-in or
/// another password can be had by mail, or another identity. The groups that it brought end with it.
///
/// # Errors
/// When the database does not answer.
pub async fn disconnect(
    app: &App,
    by: &Actor,
    held: &FreshSession,
    id: CredentialId,
) -> Result<Disconnected, ServiceError> {
    let owner = held.user();
    let may = by.may(ActOnSelf(owner.id))?;
    let removed = || event(app, &may, Action::IdentityRemoved).about(Target::user(owner.id));
    let told = tell::prepare(app, by, owner, Message::IdentityRemoved);
    let most = i64::try_from(MOST).unwrap_or(i64::MAX);
    let done = app
        .store
        .transaction("disconnect_identity", async |tx| {
            if !held.hold(tx).await? {
                return Ok(Disconnected::Overtaken);
            }
            let all = identity::of_user(tx, owner.id, most).await?;
            if !all.iter().any(|one| one.id == id) {
                return Ok(Disconnected::None);
            }
            // One whose provider is configured no longer signs nobody in.
            let others = all.iter().any(|one| one.id != id && super::find(app, &one.provider).is_some());
            if !others && !ways_in::has_any(app, tx, owner).await? {
                return Ok(Disconnected::Last);
            }
            identity::remove(tx, owner.id, id).await?;
            let changes = groups::end(app, tx, owner.id, &[id]).await?;
            audit_event::insert(tx, &removed().changed(changes)).await?;
            told.enqueue(app, tx).await?;
            Ok(Disconnected::Yes)
        })
        .await?;
    jobs::begin(app);
    Ok(done)
}
