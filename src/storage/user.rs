//! People, and the names that they sign in with.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::schema::{login_identifiers, users};
use super::{Conn, StoreError, json};
use crate::domain::account::identifier::LoginIdentifier;
use crate::domain::account::profile::Profile;
use crate::domain::account::user::{Status, User};
use crate::foundation::{Timestamp, id::UserId};

/// Adds a user who can sign in with each of `identifiers`.
///
/// # Errors
/// [`StoreError::Conflict`] when one of them is somebody's already. The transaction must then end.
pub async fn insert(conn: &mut Conn, user: &User, identifiers: &[LoginIdentifier]) -> Result<(), StoreError> {
    use login_identifiers::{identifier, user_id};
    diesel::insert_into(users::table).values(UserRow::new(user)?).execute(conn).await?;
    let names: Vec<_> = identifiers.iter().map(|name| (identifier.eq(name), user_id.eq(user.id))).collect();
    if !names.is_empty() {
        diesel::insert_into(login_identifiers::table).values(names).execute(conn).await?;
    }
    Ok(())
}

/// The user with this id.
pub async fn find(conn: &mut Conn, id: UserId) -> Result<Option<User>, StoreError> {
    let row = users::table.find(id).select(UserRow::as_select()).first(conn).await.optional()?;
    row.map(User::try_from).transpose()
}

/// The user who signs in with this name.
pub async fn find_by_identifier(conn: &mut Conn, identifier: &LoginIdentifier) -> Result<Option<User>, StoreError> {
    let row = users::table
        .inner_join(login_identifiers::table)
        .filter(login_identifiers::identifier.eq(identifier))
        .select(UserRow::as_select())
        .first(conn)
        .await
        .optional()?;
    row.map(User::try_from).transpose()
}

/// Replaces a user's password; tells whether there is such a user. `hash` is a PHC string.
pub async fn set_password(conn: &mut Conn, id: UserId, hash: &str, now: Timestamp) -> Result<bool, StoreError> {
    let changes = (users::password_hash.eq(hash), users::updated_at.eq(now));
    Ok(diesel::update(users::table.find(id)).set(changes).execute(conn).await? == 1)
}

/// Whether a user still has the status and the password that they had when they were read. A hash that was renewed is
/// the same password; only [`set_password`] moves `updated_at` with it.
pub async fn is_unchanged(conn: &mut Conn, user: &User) -> Result<bool, StoreError> {
    let same_password =
        users::password_hash.eq(&user.password_hash).or(users::updated_at.nullable().eq(user.updated_at));
    let same = users::table.find(user.id).filter(users::status.eq(user.status)).filter(same_password);
    Ok(same.select(users::id).first::<UserId>(conn).await.optional()?.is_some())
}

/// Replaces a password's hash by another of the same password; tells whether `old` was still there. A password that was
/// changed meanwhile stays changed.
pub async fn renew_password_hash(conn: &mut Conn, id: UserId, old: &str, new: &str) -> Result<bool, StoreError> {
    let unchanged = users::table.find(id).filter(users::password_hash.eq(old));
    Ok(diesel::update(unchanged).set(users::password_hash.eq(new)).execute(conn).await? == 1)
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = users, treat_none_as_default_value = false)]
pub(super) struct UserRow {
    id: UserId,
    status: Status,
    username: Option<String>,
    email: Option<String>,
    email_verified: bool,
    administrator: bool,
    claims: String,
    password_hash: Option<String>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl UserRow {
    fn new(user: &User) -> Result<Self, StoreError> {
        Ok(Self {
            id: user.id,
            status: user.status,
            username: user.username.clone(),
            email: user.email.clone(),
            email_verified: user.email_verified,
            administrator: user.administrator,
            claims: json::write(&user.profile.to_json())?,
            password_hash: user.password_hash.clone(),
            created_at: user.created_at,
            updated_at: user.updated_at,
        })
    }
}

impl TryFrom<UserRow> for User {
    type Error = StoreError;

    fn try_from(row: UserRow) -> Result<Self, StoreError> {
        let profile = Profile::parse(json::read(&row.claims, "users.claims")?);
        Ok(Self {
            id: row.id,
            status: row.status,
            username: row.username,
            email: row.email,
            email_verified: row.email_verified,
            administrator: row.administrator,
            profile: profile.map_err(|_| StoreError::Corrupt("users.claims"))?,
            password_hash: row.password_hash,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}
