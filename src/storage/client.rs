//! Registered clients.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::schema::clients;
use super::{Conn, StoreError, json};
use crate::domain::oauth::client::{Client, ClientId};
use crate::foundation::{SecretHash, Timestamp};

/// Adds a client.
///
/// # Errors
/// [`StoreError::Conflict`] when its id is taken.
pub async fn insert(conn: &mut Conn, client: &Client) -> Result<(), StoreError> {
    diesel::insert_into(clients::table).values(ClientRow::new(client)?).execute(conn).await?;
    Ok(())
}

/// Adds a client, or replaces all but the time of registration of the one that has its id.
pub async fn upsert(conn: &mut Conn, client: &Client) -> Result<(), StoreError> {
    let changes = (
        clients::name.eq(&client.name),
        clients::enabled.eq(client.enabled),
        clients::secret_hash.eq(client.secret_hash),
        clients::metadata.eq(json::write(&client.metadata)?),
        clients::updated_at.eq(client.updated_at),
    );
    diesel::insert_into(clients::table)
        .values(ClientRow::new(client)?)
        .on_conflict(clients::id)
        .do_update()
        .set(changes)
        .execute(conn)
        .await?;
    Ok(())
}

/// The client with this id, which may be any text that a request brought.
pub async fn find(conn: &mut Conn, id: &ClientId) -> Result<Option<Client>, StoreError> {
    // No client has one, and no database would be asked without an error.
    if id.as_str().contains('\0') {
        return Ok(None);
    }
    let row = clients::table.find(id).select(ClientRow::as_select()).first(conn).await.optional()?;
    row.map(Client::try_from).transpose()
}

/// Every client, oldest first.
pub async fn list(conn: &mut Conn) -> Result<Vec<Client>, StoreError> {
    let oldest_first = (clients::created_at, clients::id);
    let rows = clients::table.order(oldest_first).select(ClientRow::as_select()).load(conn).await?;
    rows.into_iter().map(Client::try_from).collect()
}

/// Replaces a client's secret; tells whether there is such a client.
pub async fn set_secret(
    conn: &mut Conn,
    id: &ClientId,
    secret: &SecretHash,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let changes = (clients::secret_hash.eq(secret), clients::updated_at.eq(now));
    Ok(diesel::update(clients::table.find(id)).set(changes).execute(conn).await? == 1)
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = clients, treat_none_as_default_value = false)]
struct ClientRow {
    id: ClientId,
    name: String,
    enabled: bool,
    secret_hash: Option<SecretHash>,
    metadata: String,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl ClientRow {
    fn new(client: &Client) -> Result<Self, StoreError> {
        Ok(Self {
            id: client.id.clone(),
            name: client.name.clone(),
            enabled: client.enabled,
            secret_hash: client.secret_hash,
            metadata: json::write(&client.metadata)?,
            created_at: client.created_at,
            updated_at: client.updated_at,
        })
    }
}

impl TryFrom<ClientRow> for Client {
    type Error = StoreError;

    fn try_from(row: ClientRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            name: row.name,
            enabled: row.enabled,
            secret_hash: row.secret_hash,
            metadata: json::read(&row.metadata, "clients.metadata")?,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}
