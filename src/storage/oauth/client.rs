//! Registered clients.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::domain::oauth::client::{Client, ClientId};
use crate::foundation::{SecretHash, Timestamp};
use crate::storage::engine::json;
use crate::storage::engine::schema::{access_tokens, clients, consents, grants};
use crate::storage::{Conn, StoreError};

/// Adds a client; tells whether its id was free.
pub async fn insert(conn: &mut Conn, client: &Client) -> Result<bool, StoreError> {
    let row = ClientRow::new(client)?;
    Ok(diesel::insert_into(clients::table).values(row).on_conflict_do_nothing().execute(conn).await? == 1)
}

/// Adds a client, or replaces all but the time of registration of the one that has its id.
pub async fn upsert(conn: &mut Conn, client: &Client) -> Result<(), StoreError> {
    let changes = (
        clients::name.eq(&client.name),
        clients::enabled.eq(client.enabled),
        clients::secret_hash.eq(client.secret_hash),
        clients::sealed_secret.eq(&client.sealed_secret),
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
    // No id contains a NUL, and PostgreSQL would answer with an error.
    if id.as_str().contains('\0') {
        return Ok(None);
    }
    let row = clients::table.find(id).select(ClientRow::as_select()).first(conn).await.optional()?;
    row.map(Client::try_from).transpose()
}

/// Those of these clients that there are.
pub async fn find_all(conn: &mut Conn, ids: &[ClientId]) -> Result<Vec<Client>, StoreError> {
    let rows = clients::table.filter(clients::id.eq_any(ids)).select(ClientRow::as_select()).load(conn).await?;
    rows.into_iter().map(Client::try_from).collect()
}

/// Every client, oldest first.
pub async fn list(conn: &mut Conn) -> Result<Vec<Client>, StoreError> {
    let oldest_first = (clients::created_at, clients::id);
    let rows = clients::table.order(oldest_first).select(ClientRow::as_select()).load(conn).await?;
    rows.into_iter().map(Client::try_from).collect()
}

/// Replaces a client's secret, with what was sealed of it; tells whether there is such a client.
pub async fn set_secret(
    conn: &mut Conn,
    id: &ClientId,
    secret: &SecretHash,
    sealed: Option<&[u8]>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let changes = (clients::secret_hash.eq(secret), clients::sealed_secret.eq(sealed), clients::updated_at.eq(now));
    Ok(diesel::update(clients::table.find(id)).set(changes).execute(conn).await? == 1)
}

/// Replaces a client if it was last changed at `seen`, and tells whether it did: so nobody's change is lost.
pub async fn replace(conn: &mut Conn, client: &Client, seen: Timestamp) -> Result<bool, StoreError> {
    let changes = (
        clients::name.eq(&client.name),
        clients::enabled.eq(client.enabled),
        clients::secret_hash.eq(client.secret_hash),
        clients::sealed_secret.eq(&client.sealed_secret),
        clients::metadata.eq(json::write(&client.metadata)?),
        clients::updated_at.eq(client.updated_at),
    );
    let unchanged = clients::table.find(&client.id).filter(clients::updated_at.eq(seen));
    Ok(diesel::update(unchanged).set(changes).execute(conn).await? == 1)
}

/// Switches a client off or on; tells whether it was switched the other way before. `None` when there is no such client.
pub async fn set_enabled(
    conn: &mut Conn,
    id: &ClientId,
    enabled: bool,
    now: Timestamp,
) -> Result<Option<bool>, StoreError> {
    let changes = (clients::enabled.eq(enabled), clients::updated_at.eq(now));
    let other = clients::table.find(id).filter(clients::enabled.ne(enabled));
    if diesel::update(other).set(changes).execute(conn).await? == 1 {
        return Ok(Some(true));
    }
    let same = clients::table.find(id).select(clients::id).first::<ClientId>(conn).await.optional()?;
    Ok(same.map(|_| false))
}

/// Deletes at most `limit` grants of a client, with their codes and refresh tokens, and as many of its opaque access
/// tokens and of its consents; returns how many. Call it again, in another transaction, while it returns something.
pub async fn delete_some_of(conn: &mut Conn, id: &ClientId, limit: i64) -> Result<usize, StoreError> {
    let some = diesel::alias!(grants as some_grants);
    let batch = some.filter(some.field(grants::client_id).eq(id)).select(some.field(grants::id)).limit(limit);
    let mut count = diesel::delete(grants::table.filter(grants::id.eq_any(batch))).execute(conn).await?;
    let some = diesel::alias!(access_tokens as some_tokens);
    let own = some.field(access_tokens::client_id).eq(id);
    let batch = some.filter(own).select(some.field(access_tokens::hash)).limit(limit);
    count += diesel::delete(access_tokens::table.filter(access_tokens::hash.eq_any(batch))).execute(conn).await?;
    let some = diesel::alias!(consents as some_consents);
    let own = some.field(consents::client_id).eq(id);
    let batch = some.filter(own).select(some.field(consents::user_id)).limit(limit);
    let consents = consents::table.filter(consents::client_id.eq(id)).filter(consents::user_id.eq_any(batch));
    Ok(count + diesel::delete(consents).execute(conn).await?)
}

/// Deletes a client and whatever still belongs to it; tells whether there was one.
pub async fn delete(conn: &mut Conn, id: &ClientId) -> Result<bool, StoreError> {
    Ok(diesel::delete(clients::table.find(id)).execute(conn).await? == 1)
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
    sealed_secret: Option<Vec<u8>>,
    registered_itself: bool,
}

impl ClientRow {
    fn new(client: &Client) -> Result<Self, StoreError> {
        Ok(Self {
            id: client.id.clone(),
            name: client.name.clone(),
            enabled: client.enabled,
            secret_hash: client.secret_hash,
            sealed_secret: client.sealed_secret.clone(),
            registered_itself: client.registered_itself,
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
            sealed_secret: row.sealed_secret,
            registered_itself: row.registered_itself,
            metadata: json::read(&row.metadata, "clients.metadata")?,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}
