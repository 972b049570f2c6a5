//! The groups that identities bring to an account, where a sign-in does not replace the whole account.

use std::time::Duration;

use crate::app::App;
use crate::domain::account::profile::Profile;
use crate::domain::account::user::User;
use crate::domain::federation::arrival::Arrival;
use crate::domain::federation::identity::Identity;
use crate::domain::operation::audit_event::Change;
use crate::foundation::id::{CredentialId, UserId};
use crate::storage::account::user;
use crate::storage::{Conn, StoreError};

/// A profile in the groups that an arrival has there, in place of those that its identity brought before: in none where they are
/// not taken over.
pub(super) fn brought(arrival: &Arrival, identity: &Identity, profile: Profile) -> Profile {
    profile.in_upstream_groups(identity.id, &identity.provider, arrival.groups.as_deref().unwrap_or_default())
}

/// Puts an account, which the transaction holds, into the groups that an identity brings with it. Tells what changed.
pub(super) async fn begin(
    app: &App,
    tx: &mut Conn,
    arrival: &Arrival,
    identity: &Identity,
) -> Result<Vec<Change>, StoreError> {
    change(app, tx, identity.user, |profile| brought(arrival, identity, profile)).await
}

/// Takes an account, which the transaction holds, out of the groups that identities brought which are connected no more. Tells
/// what changed.
pub(in crate::services) async fn end(
    app: &App,
    tx: &mut Conn,
    user: UserId,
    gone: &[CredentialId],
) -> Result<Vec<Change>, StoreError> {
    change(app, tx, user, |profile| profile.without_groups_of(gone)).await
}

async fn change(
    app: &App,
    tx: &mut Conn,
    id: UserId,
    changed: impl FnOnce(Profile) -> Profile,
) -> Result<Vec<Change>, StoreError> {
    let Some(before) = user::find(tx, id).await? else { return Ok(Vec::new()) };
    // Later than before whatever the clock says: it is what tells two changes apart.
    let updated_at = app.clock.now().max(before.updated_at.after(Duration::from_micros(1)));
    let after = User { profile: changed(before.profile.clone()), updated_at, ..before.clone() };
    if after.profile == before.profile {
        return Ok(Vec::new());
    }
    user::set_upstream_groups(tx, &after).await?;
    Ok(Change::of_user(Some(&before), &after))
}
