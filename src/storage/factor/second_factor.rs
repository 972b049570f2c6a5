//! Authenticator apps, and whatever else is proved beside the password.

use diesel::dsl::{exists, select};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::domain::factor::second_factor::{Kind, SecondFactor};
use crate::domain::factor::totp::Step;
use crate::foundation::{
    SecretHash, Timestamp,
    id::{CredentialId, UserId},
};
use crate::storage::engine::schema::factors::table;
use crate::storage::engine::schema::{factors, users};
use crate::storage::{Conn, StoreError};

/// Lets no other transaction change the factors of this user until this one ends; `false` when there is no such user. What
/// comes after it is true until [`mark`].
pub async fn lock(conn: &mut Conn, user: UserId) -> Result<bool, StoreError> {
    let same = users::second_factor.eq(users::second_factor);
    Ok(diesel::update(users::table.find(user)).set(same).execute(conn).await? == 1)
}

/// Keeps a factor that is being set up in `place` (a session, or half a sign-in), until `until`, instead of any other that
/// is. Only after [`lock`].
pub async fn begin(
    conn: &mut Conn,
    user: UserId,
    factor: &SecondFactor,
    place: SecretHash,
    until: Timestamp,
) -> Result<(), StoreError> {
    let other = table.filter(factors::user_id.eq(user)).filter(factors::confirmed_at.is_null());
    diesel::delete(other).execute(conn).await?;
    let row = FactorRow {
        id: factor.id,
        user_id: user,
        kind: factor.kind,
        name: factor.name.clone().unwrap_or_default(),
        secret: factor.sealed.clone(),
        last_step: factor.last_step,
        credential: factor.credential.clone(),
        suspected_at: factor.suspected_at,
        created_at: factor.created_at,
        confirmed_at: None,
        last_used_at: None,
    };
    diesel::insert_into(table)
        .values((row, factors::expires_at.eq(until), factors::begun_in.eq(place)))
        .execute(conn)
        .await?;
    Ok(())
}

/// The factor that a user is setting up in `place`, if there is time left.
pub async fn unconfirmed(
    conn: &mut Conn,
    user: UserId,
    place: SecretHash,
    now: Timestamp,
) -> Result<Option<SecondFactor>, StoreError> {
    let open = table
        .filter(factors::user_id.eq(user))
        .filter(factors::confirmed_at.is_null())
        .filter(factors::begun_in.eq(place))
        .filter(factors::expires_at.gt(now));
    let row: Option<FactorRow> = open.select(FactorRow::as_select()).first(conn).await.optional()?;
    Ok(row.map(SecondFactor::from))
}

/// A factor works: its user gave a code of this step. Tells whether it was still being set up.
pub async fn confirm(
    conn: &mut Conn,
    user: UserId,
    factor: CredentialId,
    name: Option<&str>,
    step: Step,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let open = table
        .find(factor)
        .filter(factors::user_id.eq(user))
        .filter(factors::confirmed_at.is_null())
        .filter(factors::expires_at.gt(now));
    let changes = (
        factors::name.eq(name.unwrap_or_default()),
        factors::confirmed_at.eq(now),
        factors::last_used_at.eq(now),
        factors::last_step.eq(step.number),
        factors::expires_at.eq(None::<Timestamp>),
        factors::begun_in.eq(None::<SecretHash>),
    );
    Ok(diesel::update(open).set(changes).execute(conn).await? == 1)
}

/// The factors that a user can prove themselves with, in the order in which they were added. One of a kind that only a newer
/// version knows is left out.
pub async fn of_user(conn: &mut Conn, user: UserId) -> Result<Vec<SecondFactor>, StoreError> {
    let known = table
        .filter(factors::user_id.eq(user))
        .filter(factors::confirmed_at.is_not_null())
        .filter(factors::kind.eq_any(Kind::ALL));
    let mut found: Vec<FactorRow> = known.select(FactorRow::as_select()).load(conn).await?;
    found.sort_by_key(|row| row.id);
    Ok(found.into_iter().map(SecondFactor::from).collect())
}

/// Takes the code of this step, unless it or a later one was taken before; tells whether it was taken. Of twenty at once
/// one is.
pub async fn take_step(
    conn: &mut Conn,
    user: UserId,
    factor: CredentialId,
    step: Step,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let follows =
        factors::last_step.is_null().or(factors::last_step.lt(step.number)).or(factors::last_step.gt(step.latest));
    let open = table
        .find(factor)
        .filter(factors::user_id.eq(user))
        .filter(factors::confirmed_at.is_not_null())
        .filter(follows);
    let changes = (factors::last_step.eq(step.number), factors::last_used_at.eq(now));
    Ok(diesel::update(open).set(changes).execute(conn).await? == 1)
}

/// Removes a factor of a user; tells whether there was one. Only after [`lock`], and before [`mark`].
pub async fn remove(conn: &mut Conn, user: UserId, factor: CredentialId) -> Result<bool, StoreError> {
    let own = table.find(factor).filter(factors::user_id.eq(user)).filter(factors::confirmed_at.is_not_null());
    Ok(diesel::delete(own).execute(conn).await? == 1)
}

/// Removes the factors of a user that were confirmed then or later, and one that is being set up; tells which of them were
/// confirmed. Only after [`lock`], and before [`mark`].
pub async fn remove_since(conn: &mut Conn, user: UserId, at: Timestamp) -> Result<Vec<CredentialId>, StoreError> {
    let own = table.filter(factors::user_id.eq(user));
    let newer = own.filter(factors::confirmed_at.ge(at)).select(factors::id).load(conn).await?;
    let going = factors::confirmed_at.ge(at).or(factors::confirmed_at.is_null());
    diesel::delete(own.filter(going.assume_not_null())).execute(conn).await?;
    Ok(newer)
}

/// Removes every factor of a user, confirmed or not. Only after [`lock`], and before [`mark`].
pub async fn remove_all(conn: &mut Conn, user: UserId) -> Result<(), StoreError> {
    diesel::delete(table.filter(factors::user_id.eq(user))).execute(conn).await?;
    Ok(())
}

/// Notes at the user whether they have a factor now; tells it. Only after [`lock`].
pub async fn mark(conn: &mut Conn, user: UserId) -> Result<bool, StoreError> {
    let own = table.filter(factors::user_id.eq(user)).filter(factors::confirmed_at.is_not_null());
    let has: bool = select(exists(own)).get_result(conn).await?;
    diesel::update(users::table.find(user)).set(users::second_factor.eq(has)).execute(conn).await?;
    Ok(has)
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = factors, treat_none_as_default_value = false)]
pub(super) struct FactorRow {
    pub id: CredentialId,
    pub user_id: UserId,
    pub kind: Kind,
    pub name: String,
    pub secret: Option<Vec<u8>>,
    pub last_step: Option<i64>,
    pub credential: Option<String>,
    pub suspected_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub confirmed_at: Option<Timestamp>,
    pub last_used_at: Option<Timestamp>,
}

impl From<FactorRow> for SecondFactor {
    fn from(row: FactorRow) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            name: Some(row.name).filter(|name| !name.is_empty()),
            sealed: row.secret,
            last_step: row.last_step,
            credential: row.credential,
            suspected_at: row.suspected_at,
            created_at: row.created_at,
            confirmed_at: row.confirmed_at,
            last_used_at: row.last_used_at,
        }
    }
}
