//! Authorization requests that clients have pushed.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::domain::oauth::client::ClientId;
use crate::foundation::{SecretHash, Timestamp};
use crate::storage::engine::schema::pushed_requests;
use crate::storage::engine::schema::pushed_requests::table;
use crate::storage::{Conn, StoreError};

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = pushed_requests, treat_none_as_default_value = false)]
pub struct PushedRequest {
    /// Of the random part of its `request_uri`.
    pub hash: SecretHash,
    /// Whose it is.
    pub client_id: ClientId,
    /// What is asked for, as form-encoded text.
    pub parameters: String,
    /// The network that it came from, where its client has not proved who it is.
    pub place: Option<SecretHash>,
    /// When it was pushed.
    pub created_at: Timestamp,
    /// Until when a browser can bring it.
    pub expires_at: Timestamp,
}

/// How many may wait at the same time.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// From one network, of clients without a secret.
    pub place: i64,
    /// From all networks, of clients without a secret.
    pub strangers: i64,
    /// Of one client.
    pub client: i64,
    /// Altogether.
    pub all: i64,
}

/// Keeps one, unless too many wait already; tells whether it is kept. Transactions that do so at the same time do not see each
/// other, so there may be a few more: one for each connection.
pub async fn insert(conn: &mut Conn, request: &PushedRequest, room: Room) -> Result<bool, StoreError> {
    // Not counts: each stops at the first row that is too many.
    let live = || table.filter(pushed_requests::expires_at.gt(request.created_at)).select(pushed_requests::hash);
    let of_client = live().filter(pushed_requests::client_id.eq(&request.client_id)).offset(room.client - 1).limit(1);
    let mut full = of_client.first::<SecretHash>(conn).await.optional()?;
    if full.is_none() {
        full = live().offset(room.all - 1).limit(1).first::<SecretHash>(conn).await.optional()?;
    }
    if let (Some(place), None) = (&request.place, full) {
        let here = live().filter(pushed_requests::place.eq(place)).offset(room.place - 1).limit(1);
        full = here.first::<SecretHash>(conn).await.optional()?;
        if full.is_none() {
            let strangers = live().filter(pushed_requests::place.is_not_null()).offset(room.strangers - 1).limit(1);
            full = strangers.first::<SecretHash>(conn).await.optional()?;
        }
    }
    if full.is_some() {
        return Ok(false);
    }
    diesel::insert_into(table).values(request.clone()).execute(conn).await?;
    Ok(true)
}

/// The parameters of a request of this client that has been neither answered nor forgotten, and until when it can be brought.
pub async fn find(
    conn: &mut Conn,
    hash: &SecretHash,
    client: &ClientId,
    now: Timestamp,
) -> Result<Option<(String, Timestamp)>, StoreError> {
    let waiting = table
        .find(hash)
        .filter(pushed_requests::client_id.eq(client))
        .filter(pushed_requests::used_in.is_null())
        .filter(pushed_requests::expires_at.gt(now))
        .select((pushed_requests::parameters, pushed_requests::expires_at));
    Ok(waiting.first(conn).await.optional()?)
}

/// Uses it up for an answer in the flow with this hash, and tells whether it was still unused, or used in the same flow: the
/// second of two clicks.
pub async fn take(conn: &mut Conn, hash: &SecretHash, flow: &SecretHash) -> Result<bool, StoreError> {
    let free = pushed_requests::used_in.is_null().or(pushed_requests::used_in.eq(flow));
    let request = table.find(hash).filter(free.assume_not_null());
    Ok(diesel::update(request).set(pushed_requests::used_in.eq(flow)).execute(conn).await? == 1)
}
