//! Keys that others encrypt to. Their private halves arrive sealed.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::crypto::jwe::KeyManagement;
use crate::domain::operation::encryption_key::EncryptionKeyRecord;
use crate::foundation::Timestamp;
use crate::storage::engine::schema::encryption_keys;
use crate::storage::{Conn, StoreError};

/// Every key, oldest first.
pub async fn all(conn: &mut Conn) -> Result<Vec<EncryptionKeyRecord>, StoreError> {
    let oldest_first = (encryption_keys::created_at, encryption_keys::id);
    let rows = encryption_keys::table.order(oldest_first).select(KeyRow::as_select()).load(conn).await?;
    Ok(rows.into_iter().map(EncryptionKeyRecord::from).collect())
}

/// Which keys there are, oldest first, and what decides about each: its id, its algorithm, and when it was made. Little to
/// read, for whoever asks often.
pub async fn outline(conn: &mut Conn) -> Result<Vec<(String, KeyManagement, Timestamp)>, StoreError> {
    let columns = (encryption_keys::id, encryption_keys::algorithm, encryption_keys::created_at);
    Ok(encryption_keys::table
        .order((encryption_keys::created_at, encryption_keys::id))
        .select(columns)
        .load(conn)
        .await?)
}

/// Adds a key.
pub async fn insert(conn: &mut Conn, key: &EncryptionKeyRecord) -> Result<(), StoreError> {
    let row = KeyRow {
        id: key.id.clone(),
        algorithm: key.algorithm,
        private_key: key.sealed_private_key.clone(),
        created_at: key.created_at,
    };
    diesel::insert_into(encryption_keys::table).values(row).execute(conn).await?;
    Ok(())
}

/// Dates a key anew: it was made by a clock that stood ahead.
pub async fn set_created(conn: &mut Conn, id: &str, at: Timestamp) -> Result<(), StoreError> {
    diesel::update(encryption_keys::table.find(id)).set(encryption_keys::created_at.eq(at)).execute(conn).await?;
    Ok(())
}

/// Forgets a key for good; tells whether there was one.
pub async fn delete(conn: &mut Conn, id: &str) -> Result<bool, StoreError> {
    Ok(diesel::delete(encryption_keys::table.find(id)).execute(conn).await? == 1)
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = encryption_keys, treat_none_as_default_value = false)]
struct KeyRow {
    id: String,
    algorithm: KeyManagement,
    private_key: Vec<u8>,
    created_at: Timestamp,
}

impl From<KeyRow> for EncryptionKeyRecord {
    fn from(row: KeyRow) -> Self {
        let KeyRow { id, algorithm, private_key, created_at } = row;
        Self { id, algorithm, sealed_private_key: private_key, created_at }
    }
}
