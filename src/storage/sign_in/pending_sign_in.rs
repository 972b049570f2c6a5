//! Sign-ins whose password was right and that are not complete.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::domain::account::user::User;
use crate::domain::factor::proof::Proofs;
use crate::domain::sign_in::pending_sign_in::PendingSignIn;
use crate::foundation::{SecretHash, Timestamp, id::UserId};
use crate::storage::account::user::UserRow;
use crate::storage::engine::schema::pending_sign_ins::table;
use crate::storage::engine::schema::{pending_sign_ins, users};
use crate::storage::{Conn, StoreError};

/// Keeps one under the hash of its secret. Of the others of the same user the newest `most` less one stay.
pub async fn insert(
    conn: &mut Conn,
    secret: &SecretHash,
    pending: &PendingSignIn,
    most: usize,
) -> Result<(), StoreError> {
    let others = table
        .filter(pending_sign_ins::user_id.eq(pending.user))
        .order(pending_sign_ins::created_at.desc())
        .select(pending_sign_ins::hash);
    let room = i64::try_from(most).unwrap_or(i64::MAX).saturating_sub(1);
    let surplus: Vec<SecretHash> = others.offset(room).limit(100).load(conn).await?;
    if !surplus.is_empty() {
        diesel::delete(table.filter(pending_sign_ins::hash.eq_any(surplus))).execute(conn).await?;
    }
    let row = PendingRow {
        hash: *secret,
        user_id: pending.user,
        user_seen_at: pending.user_seen_at,
        proofs: pending.proofs.clone(),
        flow_hash: pending.flow,
        browser_hash: pending.browser,
        stays: pending.stays,
        created_at: pending.created_at,
        expires_at: pending.expires_at,
    };
    diesel::insert_into(table).values(row).execute(conn).await?;
    Ok(())
}

/// The one with this secret, open or not, and its user.
pub async fn find(conn: &mut Conn, secret: &SecretHash) -> Result<Option<(PendingSignIn, User)>, StoreError> {
    let row: Option<(PendingRow, UserRow)> = table
        .inner_join(users::table)
        .filter(pending_sign_ins::hash.eq(secret))
        .select((PendingRow::as_select(), UserRow::as_select()))
        .first(conn)
        .await
        .optional()?;
    row.map(|(pending, user)| Ok((PendingSignIn::from(pending), User::try_from(user)?))).transpose()
}

/// Lets no other transaction complete it until this one ends; `false` when it has been completed, its time is over, or it was
/// ended with all that its user had.
pub async fn hold(conn: &mut Conn, secret: &SecretHash, now: Timestamp) -> Result<bool, StoreError> {
    let open = table.find(secret).filter(pending_sign_ins::expires_at.gt(now));
    Ok(diesel::update(open).set(pending_sign_ins::expires_at.eq(pending_sign_ins::expires_at)).execute(conn).await?
        == 1)
}

/// It is completed. Only after [`hold`].
pub async fn end(conn: &mut Conn, secret: &SecretHash) -> Result<(), StoreError> {
    diesel::delete(table.find(secret)).execute(conn).await?;
    Ok(())
}

/// Ends every one of a user.
pub async fn end_of_user(conn: &mut Conn, user: UserId) -> Result<(), StoreError> {
    diesel::delete(table.filter(pending_sign_ins::user_id.eq(user))).execute(conn).await?;
    Ok(())
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = pending_sign_ins)]
struct PendingRow {
    hash: SecretHash,
    user_id: UserId,
    user_seen_at: Timestamp,
    proofs: Proofs,
    flow_hash: SecretHash,
    browser_hash: SecretHash,
    stays: bool,
    created_at: Timestamp,
    expires_at: Timestamp,
}

impl From<PendingRow> for PendingSignIn {
    fn from(row: PendingRow) -> Self {
        Self {
            user: row.user_id,
            user_seen_at: row.user_seen_at,
            proofs: row.proofs,
            flow: row.flow_hash,
            browser: row.browser_hash,
            stays: row.stays,
            created_at: row.created_at,
            expires_at: row.expires_at,
        }
    }
}
