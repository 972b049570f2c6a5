//! Links that were sent by mail and work once.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::domain::account::one_time_link::{OneTimeLink, Purpose};
use crate::foundation::{SecretHash, Timestamp, id::UserId};
use crate::storage::engine::schema::one_time_links;
use crate::storage::engine::schema::one_time_links::table;
use crate::storage::{Conn, StoreError};

/// Keeps a link. Of the others of its purpose for the same subject the newest stay, so that there are `most` at most.
pub async fn insert(conn: &mut Conn, link: &OneTimeLink, most: usize) -> Result<(), StoreError> {
    let others = table
        .filter(one_time_links::subject.eq(link.subject))
        .filter(one_time_links::purpose.eq(link.purpose))
        .order(one_time_links::created_at.desc())
        .select(one_time_links::hash);
    let room = i64::try_from(most).unwrap_or(i64::MAX).saturating_sub(1);
    let surplus: Vec<SecretHash> = others.offset(room).limit(100).load(conn).await?;
    if !surplus.is_empty() {
        diesel::delete(table.filter(one_time_links::hash.eq_any(surplus))).execute(conn).await?;
    }
    diesel::insert_into(table).values(LinkRow::from(link)).execute(conn).await?;
    Ok(())
}

/// The link of this purpose with this hash, open or not. Nothing is used up: programs that look for bad links open them too.
pub async fn find(conn: &mut Conn, purpose: Purpose, hash: &SecretHash) -> Result<Option<OneTimeLink>, StoreError> {
    let own = table.find(hash).filter(one_time_links::purpose.eq(purpose));
    let row: Option<LinkRow> = own.select(LinkRow::as_select()).first(conn).await.optional()?;
    Ok(row.map(OneTimeLink::from))
}

/// The newest link of this purpose that was asked for in the browser with this secret, open or not.
pub async fn newest_of_browser(
    conn: &mut Conn,
    purpose: Purpose,
    browser: &SecretHash,
) -> Result<Option<OneTimeLink>, StoreError> {
    let own = table
        .filter(one_time_links::browser_hash.eq(browser))
        .filter(one_time_links::purpose.eq(purpose))
        .order(one_time_links::created_at.desc());
    let row: Option<LinkRow> = own.select(LinkRow::as_select()).first(conn).await.optional()?;
    Ok(row.map(OneTimeLink::from))
}

/// Counts a code or a password that is compared with what a link remembers; `false` when `most` were, and no other is looked at. Of
/// many at once no more are told `true`.
pub async fn count_code(
    conn: &mut Conn,
    purpose: Purpose,
    hash: &SecretHash,
    most: i64,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let open = table
        .find(hash)
        .filter(one_time_links::purpose.eq(purpose))
        .filter(one_time_links::used_at.is_null())
        .filter(one_time_links::expires_at.gt(now))
        .filter(one_time_links::wrong_codes.lt(most));
    let counted = one_time_links::wrong_codes.eq(one_time_links::wrong_codes + 1);
    Ok(diesel::update(open).set(counted).execute(conn).await? == 1)
}

/// Uses a link up; `false` when it was used before, its time is over, or it is gone. Of twenty at once one is told `true`.
pub async fn take(conn: &mut Conn, purpose: Purpose, hash: &SecretHash, now: Timestamp) -> Result<bool, StoreError> {
    let open = table
        .find(hash)
        .filter(one_time_links::purpose.eq(purpose))
        .filter(one_time_links::used_at.is_null())
        .filter(one_time_links::expires_at.gt(now));
    Ok(diesel::update(open).set(one_time_links::used_at.eq(now)).execute(conn).await? == 1)
}

/// Ends every link of a user of these purposes.
pub async fn end_of_user(conn: &mut Conn, user: UserId, purposes: &[Purpose]) -> Result<(), StoreError> {
    diesel::delete(table.filter(one_time_links::user_id.eq(user)).filter(one_time_links::purpose.eq_any(purposes)))
        .execute(conn)
        .await?;
    Ok(())
}

/// Ends the links of a user of this purpose that were made then or later.
pub async fn end_since(conn: &mut Conn, user: UserId, purpose: Purpose, at: Timestamp) -> Result<(), StoreError> {
    let own = table.filter(one_time_links::user_id.eq(user)).filter(one_time_links::purpose.eq(purpose));
    diesel::delete(own.filter(one_time_links::created_at.ge(at))).execute(conn).await?;
    Ok(())
}

/// The links of a user of this purpose that can be used at `now`, as far as time and use tell: at most `limit`.
pub async fn open_of_user(
    conn: &mut Conn,
    user: UserId,
    purpose: Purpose,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<OneTimeLink>, StoreError> {
    let open = table
        .filter(one_time_links::user_id.eq(user))
        .filter(one_time_links::purpose.eq(purpose))
        .filter(one_time_links::used_at.is_null())
        .filter(one_time_links::expires_at.gt(now));
    let rows: Vec<LinkRow> = open.limit(limit).select(LinkRow::as_select()).load(conn).await?;
    Ok(rows.into_iter().map(OneTimeLink::from).collect())
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = one_time_links, treat_none_as_default_value = false)]
struct LinkRow {
    hash: SecretHash,
    purpose: Purpose,
    subject: SecretHash,
    user_id: Option<UserId>,
    user_seen_at: Option<Timestamp>,
    payload: Option<Vec<u8>>,
    browser_hash: Option<SecretHash>,
    code_hash: Option<SecretHash>,
    wrong_codes: i64,
    created_at: Timestamp,
    expires_at: Timestamp,
    used_at: Option<Timestamp>,
}

impl From<&OneTimeLink> for LinkRow {
    fn from(link: &OneTimeLink) -> Self {
        Self {
            hash: link.hash,
            purpose: link.purpose,
            subject: link.subject,
            user_id: link.user.map(|(id, _)| id),
            user_seen_at: link.user.map(|(_, seen_at)| seen_at),
            payload: link.sealed.clone(),
            browser_hash: link.browser,
            code_hash: link.code,
            wrong_codes: link.tries,
            created_at: link.created_at,
            expires_at: link.expires_at,
            used_at: link.used_at,
        }
    }
}

impl From<LinkRow> for OneTimeLink {
    fn from(row: LinkRow) -> Self {
        Self {
            hash: row.hash,
            purpose: row.purpose,
            subject: row.subject,
            user: row.user_id.zip(row.user_seen_at),
            sealed: row.payload,
            browser: row.browser_hash,
            code: row.code_hash,
            tries: row.wrong_codes,
            created_at: row.created_at,
            expires_at: row.expires_at,
            used_at: row.used_at,
        }
    }
}
