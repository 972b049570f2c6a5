//! Who somebody is at a provider.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::domain::federation::identity::Identity;
use crate::foundation::Timestamp;
use crate::foundation::id::{CredentialId, UserId};
use crate::storage::engine::schema::identities;
use crate::storage::engine::schema::identities::table;
use crate::storage::{Conn, StoreError};

/// Connects one; `false` when it is connected already, to whomever: of fifty who come at once one makes an account.
pub async fn insert(conn: &mut Conn, identity: &Identity) -> Result<bool, StoreError> {
    let inserted = diesel::insert_into(table)
        .values(IdentityRow::from(identity.clone()))
        .on_conflict((identities::provider, identities::issuer, identities::subject))
        .do_nothing();
    Ok(inserted.execute(conn).await? == 1)
}

/// The one with this subject.
pub async fn find(
    conn: &mut Conn,
    provider: &str,
    issuer: &str,
    subject: &str,
) -> Result<Option<Identity>, StoreError> {
    let one = table
        .filter(identities::provider.eq(provider))
        .filter(identities::issuer.eq(issuer))
        .filter(identities::subject.eq(subject));
    let row: Option<IdentityRow> = one.select(IdentityRow::as_select()).first(conn).await.optional()?;
    Ok(row.map(Identity::from))
}

/// Whose it is.
pub async fn owner(conn: &mut Conn, id: CredentialId) -> Result<Option<UserId>, StoreError> {
    Ok(table.find(id).select(identities::user_id).first(conn).await.optional()?)
}

/// Those of an account, the oldest first: at most `limit`.
pub async fn of_user(conn: &mut Conn, user: UserId, limit: i64) -> Result<Vec<Identity>, StoreError> {
    let own = table.filter(identities::user_id.eq(user)).order(identities::created_at.asc()).limit(limit);
    let rows: Vec<IdentityRow> = own.select(IdentityRow::as_select()).load(conn).await?;
    Ok(rows.into_iter().map(Identity::from).collect())
}

/// Notes that somebody signs in with it, in the transaction of the sign-in; `false` when it is connected no more.
pub async fn note_use(conn: &mut Conn, user: UserId, id: CredentialId, now: Timestamp) -> Result<bool, StoreError> {
    let own = table.find(id).filter(identities::user_id.eq(user));
    Ok(diesel::update(own).set(identities::last_used_at.eq(Some(now))).execute(conn).await? == 1)
}

/// Disconnects one of an account's; tells whether there was one.
pub async fn remove(conn: &mut Conn, user: UserId, id: CredentialId) -> Result<bool, StoreError> {
    Ok(diesel::delete(table.find(id).filter(identities::user_id.eq(user))).execute(conn).await? == 1)
}

/// Disconnects those of an account that were connected then or later; tells which.
pub async fn remove_since(conn: &mut Conn, user: UserId, at: Timestamp) -> Result<Vec<CredentialId>, StoreError> {
    let own = table.filter(identities::user_id.eq(user)).filter(identities::created_at.ge(at));
    Ok(diesel::delete(own).returning(identities::id).get_results(conn).await?)
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = identities, treat_none_as_default_value = false)]
struct IdentityRow {
    id: CredentialId,
    user_id: UserId,
    provider: String,
    issuer: String,
    subject: String,
    label: Option<String>,
    created_at: Timestamp,
    last_used_at: Option<Timestamp>,
}

impl From<Identity> for IdentityRow {
    fn from(identity: Identity) -> Self {
        let Identity { id, user, provider, issuer, subject, label, created_at, last_used_at } = identity;
        Self { id, user_id: user, provider, issuer, subject, label, created_at, last_used_at }
    }
}

impl From<IdentityRow> for Identity {
    fn from(row: IdentityRow) -> Self {
        let IdentityRow { id, user_id, provider, issuer, subject, label, created_at, last_used_at } = row;
        Self { id, user: user_id, provider, issuer, subject, label, created_at, last_used_at }
    }
}
