//! Authorization requests that wait for their users.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::schema::authorization_requests::{self, table};
use super::{Conn, StoreError, json};
use crate::domain::oauth::client::ClientId;
use crate::domain::oauth::pending::Pending;
use crate::foundation::{SecretHash, Timestamp, id::SessionId};

/// Keeps a request under the hash of its id.
pub async fn insert(conn: &mut Conn, hash: &SecretHash, pending: &Pending) -> Result<(), StoreError> {
    let row = RequestRow {
        hash: *hash,
        browser_hash: pending.browser,
        client_id: pending.request.client.clone(),
        parameters: json::write(&pending.request)?,
        session_id: pending.chosen,
        created_at: pending.created_at,
        expires_at: pending.expires_at,
    };
    diesel::insert_into(table).values(row).execute(conn).await?;
    Ok(())
}

/// The request, even one that has expired: what it asked for says where to send the user for a new one.
pub async fn find(conn: &mut Conn, hash: &SecretHash) -> Result<Option<Pending>, StoreError> {
    let row = table.find(hash).select(RequestRow::as_select()).first(conn).await.optional()?;
    row.map(Pending::try_from).transpose()
}

/// Remembers which session the user chose; tells whether the request is still there.
pub async fn choose_session(conn: &mut Conn, hash: &SecretHash, session: SessionId) -> Result<bool, StoreError> {
    Ok(diesel::update(table.find(hash)).set(authorization_requests::session_id.eq(session)).execute(conn).await? == 1)
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = authorization_requests, treat_none_as_default_value = false)]
struct RequestRow {
    hash: SecretHash,
    browser_hash: SecretHash,
    client_id: ClientId,
    parameters: String,
    session_id: Option<SessionId>,
    created_at: Timestamp,
    expires_at: Timestamp,
}

impl TryFrom<RequestRow> for Pending {
    type Error = StoreError;

    fn try_from(row: RequestRow) -> Result<Self, StoreError> {
        Ok(Self {
            request: json::read(&row.parameters, "authorization_requests.parameters")?,
            browser: row.browser_hash,
            chosen: row.session_id,
            created_at: row.created_at,
            expires_at: row.expires_at,
        })
    }
}
