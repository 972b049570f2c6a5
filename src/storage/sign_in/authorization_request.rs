//! Authorization requests that are too long for a URL.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::domain::oauth::client::ClientId;
use crate::domain::sign_in::authorization_request::WaitingRequest;
use crate::foundation::{SecretHash, Timestamp};
use crate::storage::engine::json;
use crate::storage::engine::schema::authorization_requests as requests;
use crate::storage::engine::schema::authorization_requests::table;
use crate::storage::{Conn, StoreError};

/// How many requests may be kept at the same time.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// From one place.
    pub place: i64,
    /// For one client.
    pub client: i64,
    /// Altogether, those that have expired and were not deleted yet included.
    pub all: i64,
}

/// Keeps a request under the hash of its id, unless there are too many already; tells whether it is kept. Transactions
/// that do so at the same time do not see each other, so there may be a few more: one for each connection.
pub async fn insert(
    conn: &mut Conn,
    id: &SecretHash,
    waiting: &WaitingRequest,
    from: &SecretHash,
    room: Room,
) -> Result<bool, StoreError> {
    // Not a count: it would read every row.
    let all = table.select(requests::hash).offset(room.all - 1).limit(1).first::<SecretHash>(conn).await.optional()?;
    let live = || table.filter(requests::expires_at.gt(waiting.asked_at)).select(requests::hash);
    let client = live().filter(requests::client_id.eq(&waiting.request.client)).offset(room.client - 1).limit(1);
    let client = client.first::<SecretHash>(conn).await.optional()?;
    let here = live().filter(requests::place.eq(from)).offset(room.place - 1).limit(1);
    let here = here.first::<SecretHash>(conn).await.optional()?;
    if all.or(client).or(here).is_some() {
        return Ok(false);
    }
    let row = RequestRow {
        hash: *id,
        browser_hash: waiting.browser,
        client_id: waiting.request.client.clone(),
        parameters: json::write(&waiting.request)?,
        created_at: waiting.asked_at,
        expires_at: waiting.expires_at,
    };
    diesel::insert_into(table).values((row, requests::place.eq(from))).execute(conn).await?;
    Ok(true)
}

/// The request, even one that has expired: what it asked for says where to send the user for a new one.
pub async fn find(conn: &mut Conn, id: &SecretHash) -> Result<Option<WaitingRequest>, StoreError> {
    let row = table.find(id).select(RequestRow::as_select()).first(conn).await.optional()?;
    row.map(WaitingRequest::try_from).transpose()
}

/// Lets a request end at `until`, unless it ends before.
pub async fn retire(conn: &mut Conn, id: &SecretHash, until: Timestamp) -> Result<(), StoreError> {
    let request = table.find(id).filter(requests::expires_at.gt(until));
    diesel::update(request).set(requests::expires_at.eq(until)).execute(conn).await?;
    Ok(())
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = requests, treat_none_as_default_value = false)]
struct RequestRow {
    hash: SecretHash,
    browser_hash: SecretHash,
    client_id: ClientId,
    parameters: String,
    created_at: Timestamp,
    expires_at: Timestamp,
}

impl TryFrom<RequestRow> for WaitingRequest {
    type Error = StoreError;

    fn try_from(row: RequestRow) -> Result<Self, StoreError> {
        Ok(Self {
            request: json::read(&row.parameters, "authorization_requests.parameters")?,
            browser: row.browser_hash,
            asked_at: row.created_at,
            expires_at: row.expires_at,
        })
    }
}
