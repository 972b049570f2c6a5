//! The applications that a person has allowed something, or that hold tokens of theirs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::ActOnSelf;
use crate::domain::oauth::client::{Client, ClientId};
use crate::domain::oauth::token::pairwise_sub::PairwiseSub;
use crate::domain::oauth::token::scope::Scope;
use crate::domain::operation::audit_event::{Action, Target};
use crate::foundation::{Timestamp, id::UserId};
use crate::services::ServiceError;
use crate::services::oauth::client;
use crate::services::operation::events::event;
use crate::storage::oauth::grant;
use crate::storage::operation::audit_event;
use crate::storage::sign_in::consent;

/// The most consents, and the most grants, that are looked at.
const SHOWN: i64 = 200;

/// An application, as a person knows it.
#[derive(Clone, Debug)]
pub struct ConnectedApp {
    /// Which.
    pub client: Arc<Client>,
    /// What it calls the person, as far as it is known, where that is not the id of the account.
    pub pairwise_subs: BTreeSet<PairwiseSub>,
    /// All that it may have.
    pub scope: Scope,
    /// When it got something first, as far as that is still known.
    pub since: Timestamp,
    /// When it last got something; `None` when it holds nothing now.
    pub last_used: Option<Timestamp>,
}

/// The applications of a person, the last used first.
///
/// # Errors
/// When the database does not answer.
pub async fn connected_apps(app: &App, user: UserId) -> Result<Vec<ConnectedApp>, ServiceError> {
    let now = app.clock.now();
    let (consents, grants) = app
        .store
        .read("list_connected_apps", async |conn| {
            let consents = consent::of_user(conn, user, SHOWN).await?;
            let grants = grant::live_of_user(conn, user, now, SHOWN).await?;
            Ok((consents, grants))
        })
        .await?;
    let mut found: BTreeMap<String, (ClientId, Scope, Timestamp, Option<Timestamp>)> = BTreeMap::new();
    let mut add = |id: &ClientId, scope: &Scope, since: Timestamp, used: Option<Timestamp>| {
        let entry = found.entry(id.as_str().to_owned());
        let known = entry.or_insert_with(|| (id.clone(), scope.clone(), since, used));
        *known = (id.clone(), known.1.union(scope), known.2.min(since), known.3.max(used));
    };
    for (id, consent, since) in &consents {
        add(id, &consent.scope, *since, None);
    }
    for (grant, refreshed) in &grants {
        add(&grant.client, &grant.scope, grant.created_at, (*refreshed).max(Some(grant.created_at)));
    }
    let mut subs: BTreeMap<String, BTreeSet<PairwiseSub>> = BTreeMap::new();
    for (grant, _) in grants {
        subs.entry(grant.client.as_str().to_owned()).or_default().extend(grant.pairwise_sub);
    }
    let ids: Vec<_> = found.values().map(|(id, ..)| id.clone()).collect();
    let mut apps = Vec::new();
    for client in client::find_all(app, ids).await? {
        if let Some((_, scope, since, last_used)) = found.remove(client.id.as_str()) {
            let pairwise_subs = subs.remove(client.id.as_str()).unwrap_or_default();
            apps.push(ConnectedApp { client, pairwise_subs, scope, since, last_used });
        }
    }
    apps.sort_by_key(|one| std::cmp::Reverse(one.last_used.map_or((false, one.since), |used| (true, used))));
    Ok(apps)
}

/// Takes back what a person has allowed an application: the consent, and every grant with its tokens. Tells whether there
/// was anything.
///
/// # Errors
/// When the database does not answer.
pub async fn disconnect_app(app: &App, by: &Actor, user: UserId, client: &ClientId) -> Result<bool, ServiceError> {
    let may = by.may(ActOnSelf(user))?;
    let now = app.clock.now();
    let revoked = event(app, &may, Action::ConsentRevoked).about(Target::user(user)).about(Target::client(client));
    let done = app
        .store
        .transaction("disconnect_app", async |tx| {
            let consented = consent::forget(tx, user, client).await?;
            let grants = grant::revoke_of_client(tx, user, client, now).await?;
            audit_event::insert_if(tx, consented || grants > 0, &revoked).await
        })
        .await?;
    if done {
        tracing::info!(%user, %client, "application disconnected");
    }
    Ok(done)
}
