//! Wrong passwords in a row. Domain decides what they delay.

use std::collections::BTreeSet;

use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;

use crate::domain::sign_in::login_throttle::Streak;
use crate::foundation::{Timestamp, id::UserId};
use crate::storage::engine::backend::{SkipLocked, With};
use crate::storage::engine::schema::login_throttles::{expires_at, failed_at, failures, id, table, user_id};
use crate::storage::{Conn, StoreError};

/// Whose streak it is.
#[derive(Clone, Debug)]
pub struct Owner {
    /// Its key.
    pub id: String,
    /// `None` for a name that nobody has.
    pub user: Option<UserId>,
    /// When the row may go; `None`: never.
    pub expires_at: Option<Timestamp>,
}

/// Counts one more failure and returns the streak before it. The row is locked until the transaction ends, so of many
/// calls at once each sees the failures before it.
pub async fn count(conn: &mut Conn, owner: &Owner, now: Timestamp) -> Result<Streak, StoreError> {
    let row = (
        id.eq(&owner.id),
        user_id.eq(owner.user),
        failures.eq(1_i64),
        failed_at.eq(now),
        expires_at.eq(owner.expires_at),
    );
    let (count, last_at): (i64, Timestamp) = diesel::insert_into(table)
        .values(row)
        .on_conflict(id)
        .do_update()
        .set((failures.eq(failures + 1_i64), expires_at.eq(excluded(expires_at))))
        .returning((failures, failed_at))
        .get_result(conn)
        .await?;
    Ok(Streak { failures: u32::try_from(count.saturating_sub(1)).unwrap_or(u32::MAX), last_at })
}

/// Confirms the failure that [`count`] has counted: it happened now.
pub async fn stamp(conn: &mut Conn, owner: &Owner, now: Timestamp) -> Result<(), StoreError> {
    diesel::update(table.find(&owner.id)).set(failed_at.eq(now)).execute(conn).await?;
    Ok(())
}

/// Undoes [`count`], if [`stamp`] has not confirmed it.
pub async fn uncount(conn: &mut Conn, owner: &Owner) -> Result<(), StoreError> {
    diesel::update(table.find(&owner.id)).set(failures.eq(failures - 1_i64)).execute(conn).await?;
    Ok(())
}

/// Undoes a confirmed failure, counted `at`; `before` is the time of the one before. Others may have followed.
pub async fn take_back(conn: &mut Conn, owner: &Owner, at: Timestamp, before: Timestamp) -> Result<(), StoreError> {
    uncount(conn, owner).await?;
    diesel::update(table.find(&owner.id).filter(failed_at.eq(at))).set(failed_at.eq(before)).execute(conn).await?;
    diesel::delete(table.find(&owner.id).filter(failures.le(0))).execute(conn).await?;
    Ok(())
}

/// Ends streaks; returns how many there were. One after the other, in the order of their keys: PostgreSQL locks each
/// row until the transaction ends, and two transactions with different orders would deadlock.
pub async fn end(conn: &mut Conn, names: &[&str]) -> Result<usize, StoreError> {
    let mut ended = 0;
    for name in names.iter().collect::<BTreeSet<_>>() {
        ended += diesel::delete(table.find(name)).execute(conn).await?;
    }
    Ok(ended)
}

/// Ends every streak of a user, those of their browsers too; tells whether there was one. Uses [`end`], since one
/// statement would lock its rows in any order. A failure that is counted meanwhile stays.
pub async fn end_of_user(conn: &mut Conn, user: UserId) -> Result<bool, StoreError> {
    let found: Vec<String> = table.filter(user_id.eq(user)).select(id).load(conn).await?;
    let names: Vec<_> = found.iter().map(String::as_str).collect();
    Ok(end(conn, &names).await? > 0)
}

/// The time up to which rows of names that nobody has must be deleted to leave `most`; `None` when there are no more.
pub async fn surplus(conn: &mut Conn, most: i64) -> Result<Option<Timestamp>, StoreError> {
    let strangers = table.filter(user_id.is_null()).filter(expires_at.is_not_null());
    let last = strangers.order(expires_at.desc()).select(expires_at).offset(most).first(conn).await.optional()?;
    Ok(last.flatten())
}

/// Deletes at most `limit` rows of names that nobody has and that expire at `before` or earlier: the oldest go first. On
/// PostgreSQL those that are just being counted stay, as with all that is pruned.
pub async fn prune_strangers(conn: &mut Conn, before: Timestamp, limit: i64) -> Result<usize, StoreError> {
    use crate::storage::engine::schema::login_throttles as rows;
    use crate::storage::operation::prune::picked::picked_texts as picked;
    if conn.is_postgres() {
        let old = table.filter(expires_at.le(before)).filter(user_id.is_null());
        let first = SkipLocked(old.order(expires_at).limit(limit).select(id));
        let then = diesel::delete(table.filter(id.eq_any(picked::table.select(picked::id))));
        return Ok(With { name: "picked_texts", first, then }.execute(conn).await?);
    }
    let old = diesel::alias!(rows as old);
    let batch = old
        .filter(old.field(expires_at).le(before))
        .filter(old.field(user_id).is_null())
        .select(old.field(id))
        .order(old.field(expires_at))
        .limit(limit);
    Ok(diesel::delete(table.filter(id.eq_any(batch))).execute(conn).await?)
}
