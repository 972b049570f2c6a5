//! Keys that sign tokens. Their private halves arrive sealed.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::crypto::jwt::Algorithm;
use crate::domain::operation::signing_key::{KeyState, SigningKeyRecord};
use crate::foundation::Timestamp;
use crate::storage::engine::json;
use crate::storage::engine::schema::signing_keys;
use crate::storage::{Conn, StoreError};

/// Every key, oldest first.
pub async fn all(conn: &mut Conn) -> Result<Vec<SigningKeyRecord>, StoreError> {
    let oldest_first = (signing_keys::created_at, signing_keys::id);
    let rows = signing_keys::table.order(oldest_first).select(KeyRow::as_select()).load(conn).await?;
    rows.into_iter().map(SigningKeyRecord::try_from).collect()
}

/// Adds a key.
///
/// # Errors
/// [`StoreError::Conflict`] when its algorithm has a next or an active key already: another instance was faster.
pub async fn insert(conn: &mut Conn, key: &SigningKeyRecord) -> Result<(), StoreError> {
    let (activated_at, retired_at) = match key.state {
        KeyState::Next => (None, None),
        KeyState::Active { since } => (Some(since), None),
        KeyState::Retired { at } => (None, Some(at)),
    };
    let row = KeyRow {
        id: key.id.clone(),
        algorithm: key.algorithm,
        state: key.state.as_str().to_owned(),
        private_key: key.sealed_private_key.clone(),
        public_jwk: json::write(&key.public_jwk)?,
        created_at: key.created_at,
        activated_at,
        retired_at,
    };
    diesel::insert_into(signing_keys::table).values(row).execute(conn).await?;
    Ok(())
}

/// Moves a key on in its life; tells whether there is such a key. Retire the active key before the next one becomes
/// active: there is never more than one.
///
/// # Errors
/// [`StoreError::Conflict`] when there would be two.
pub async fn set_state(conn: &mut Conn, id: &str, state: &KeyState) -> Result<bool, StoreError> {
    use signing_keys::{activated_at, retired_at};
    let key = signing_keys::table.find(id);
    let word = signing_keys::state.eq(state.as_str());
    let none = None::<Timestamp>;
    let changed = match *state {
        KeyState::Next => {
            diesel::update(key).set((word, activated_at.eq(none), retired_at.eq(none))).execute(conn).await?
        }
        KeyState::Active { since } => {
            diesel::update(key).set((word, activated_at.eq(since), retired_at.eq(none))).execute(conn).await?
        }
        // `activated_at` stays: it says since when the key has signed.
        KeyState::Retired { at } => diesel::update(key).set((word, retired_at.eq(at))).execute(conn).await?,
    };
    Ok(changed == 1)
}

/// Moves a key's times: those of its state, and when it was made.
pub async fn set_times(conn: &mut Conn, key: &SigningKeyRecord) -> Result<(), StoreError> {
    set_state(conn, &key.id, &key.state).await?;
    let row = signing_keys::table.find(&key.id);
    diesel::update(row).set(signing_keys::created_at.eq(key.created_at)).execute(conn).await?;
    Ok(())
}

/// Forgets the private half of a key.
pub async fn drop_private(conn: &mut Conn, id: &str) -> Result<(), StoreError> {
    let key = signing_keys::table.find(id);
    diesel::update(key).set(signing_keys::private_key.eq(Vec::<u8>::new())).execute(conn).await?;
    Ok(())
}

/// Which keys there are, oldest first, and what decides about each: its id, its state, and when it was retired. Little to
/// read, for whoever asks often.
pub async fn outline(conn: &mut Conn) -> Result<Vec<(String, String, Option<Timestamp>)>, StoreError> {
    let columns = (signing_keys::id, signing_keys::state, signing_keys::retired_at);
    Ok(signing_keys::table.order((signing_keys::created_at, signing_keys::id)).select(columns).load(conn).await?)
}

/// Forgets a key for good; tells whether there was one.
pub async fn delete(conn: &mut Conn, id: &str) -> Result<bool, StoreError> {
    Ok(diesel::delete(signing_keys::table.find(id)).execute(conn).await? == 1)
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = signing_keys, treat_none_as_default_value = false)]
struct KeyRow {
    id: String,
    algorithm: Algorithm,
    state: String,
    private_key: Vec<u8>,
    public_jwk: String,
    created_at: Timestamp,
    activated_at: Option<Timestamp>,
    retired_at: Option<Timestamp>,
}

impl TryFrom<KeyRow> for SigningKeyRecord {
    type Error = StoreError;

    fn try_from(row: KeyRow) -> Result<Self, StoreError> {
        let state = match (row.state.as_str(), row.activated_at, row.retired_at) {
            ("next", None, None) => KeyState::Next,
            ("active", Some(since), None) => KeyState::Active { since },
            ("retired", _, Some(at)) => KeyState::Retired { at },
            _ => return Err(StoreError::Corrupt("signing_keys.state")),
        };
        Ok(Self {
            id: row.id,
            algorithm: row.algorithm,
            state,
            sealed_private_key: row.private_key,
            public_jwk: json::read(&row.public_jwk, "signing_keys.public_jwk")?,
            created_at: row.created_at,
        })
    }
}
