//! Passkeys, and the challenges that they have answered.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::second_factor::FactorRow;
use crate::domain::account::user::User;
use crate::domain::factor::second_factor::{Kind, SecondFactor};
use crate::foundation::{
    SecretHash, Timestamp,
    id::{CredentialId, UserId},
};
use crate::storage::account::user::UserRow;
use crate::storage::engine::schema::factors::table;
use crate::storage::engine::schema::{factors, used_challenges, users};
use crate::storage::{Conn, StoreError};

/// Notes that the challenge with this hash was answered, which nobody could do after `until`; `false` when it was answered
/// before. Of twenty at once one has.
pub async fn use_challenge(conn: &mut Conn, challenge: &SecretHash, until: Timestamp) -> Result<bool, StoreError> {
    let row = (used_challenges::hash.eq(challenge), used_challenges::expires_at.eq(until));
    let added = diesel::insert_into(used_challenges::table).values(row).on_conflict_do_nothing().execute(conn).await?;
    Ok(added == 1)
}

/// Gives a user a passkey; `false` when this credential is known already, whosesoever it is. Only after
/// [`super::second_factor::lock`], and before [`super::second_factor::mark`].
pub async fn insert(
    conn: &mut Conn,
    user: UserId,
    factor: &SecondFactor,
    credential_id: &[u8],
    sign_count: u32,
) -> Result<bool, StoreError> {
    let row = FactorRow {
        id: factor.id,
        user_id: user,
        kind: Kind::Passkey,
        name: factor.name.clone().unwrap_or_default(),
        secret: None,
        last_step: None,
        credential: factor.credential.clone(),
        suspected_at: None,
        created_at: factor.created_at,
        confirmed_at: factor.confirmed_at,
        last_used_at: factor.last_used_at,
    };
    let found_by = (factors::credential_id.eq(credential_id), factors::sign_count.eq(i64::from(sign_count)));
    Ok(diesel::insert_into(table).values((row, found_by)).on_conflict_do_nothing().execute(conn).await? == 1)
}

/// The passkey with this credential, the counter of the signature that was taken last, and whose it is.
pub async fn find(conn: &mut Conn, credential_id: &[u8]) -> Result<Option<(SecondFactor, i64, User)>, StoreError> {
    let known = table
        .inner_join(users::table)
        .filter(factors::credential_id.eq(credential_id))
        .filter(factors::kind.eq(Kind::Passkey))
        .filter(factors::confirmed_at.is_not_null());
    let columns = (FactorRow::as_select(), factors::sign_count, UserRow::as_select());
    let row: Option<(FactorRow, Option<i64>, UserRow)> = known.select(columns).first(conn).await.optional()?;
    row.map(|(factor, count, user)| Ok((SecondFactor::from(factor), count.unwrap_or(0), User::try_from(user)?)))
        .transpose()
}

/// The credentials of a user's passkeys, by which they are named to a browser.
pub async fn credential_ids(conn: &mut Conn, user: UserId) -> Result<Vec<Vec<u8>>, StoreError> {
    let own = table.filter(factors::user_id.eq(user)).filter(factors::kind.eq(Kind::Passkey));
    let ids: Vec<Option<Vec<u8>>> = own.select(factors::credential_id).load(conn).await?;
    Ok(ids.into_iter().flatten().collect())
}

/// Takes a signature of a user's passkey, with its counter and the state that the passkey has from now on; `false` when the
/// passkey is gone, or its counter does not follow the last one ([`crate::domain::factor::passkey::follows`]).
pub async fn take_signature(
    conn: &mut Conn,
    user: UserId,
    factor: CredentialId,
    sign_count: u32,
    credential: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let count = i64::from(sign_count);
    let follows = factors::sign_count
        .lt(count)
        .or(factors::sign_count.eq(0_i64).and(factors::sign_count.eq(count)))
        .or(factors::sign_count.is_null());
    let own = table
        .find(factor)
        .filter(factors::user_id.eq(user))
        .filter(factors::kind.eq(Kind::Passkey))
        .filter(factors::confirmed_at.is_not_null())
        .filter(follows);
    let changes = (factors::sign_count.eq(count), factors::credential.eq(credential), factors::last_used_at.eq(now));
    Ok(diesel::update(own).set(changes).execute(conn).await? == 1)
}

/// Notes that there may be a copy of a passkey; `false` when that was noted before, or the passkey is gone.
pub async fn suspect(conn: &mut Conn, factor: CredentialId, now: Timestamp) -> Result<bool, StoreError> {
    let own = table.find(factor).filter(factors::kind.eq(Kind::Passkey)).filter(factors::suspected_at.is_null());
    Ok(diesel::update(own).set(factors::suspected_at.eq(now)).execute(conn).await? == 1)
}
