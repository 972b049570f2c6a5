//! Browsers in which a person need not give a second factor.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::domain::sign_in::remembered_device::RememberedDevice;
use crate::foundation::{
    SecretHash, Timestamp,
    id::{CredentialId, UserId},
};
use crate::storage::engine::schema::remembered_devices;
use crate::storage::engine::schema::remembered_devices::table;
use crate::storage::{Conn, StoreError};

/// Keeps one. Of the others of the same user the newest `most` less one stay, and those of `instead` (the same browser, as it
/// was remembered before) do not.
pub async fn insert(
    conn: &mut Conn,
    device: &RememberedDevice,
    instead: &[SecretHash],
    most: usize,
) -> Result<(), StoreError> {
    let own = table.filter(remembered_devices::user_id.eq(device.user));
    diesel::delete(own.filter(remembered_devices::hash.eq_any(instead))).execute(conn).await?;
    let room = i64::try_from(most).unwrap_or(i64::MAX).saturating_sub(1);
    let others =
        own.order(remembered_devices::created_at.desc()).select(remembered_devices::hash).offset(room).limit(100);
    let surplus: Vec<SecretHash> = others.load(conn).await?;
    if !surplus.is_empty() {
        diesel::delete(table.filter(remembered_devices::hash.eq_any(surplus))).execute(conn).await?;
    }
    diesel::insert_into(table).values(DeviceRow::from(device.clone())).execute(conn).await?;
    Ok(())
}

/// Which of these a user is remembered by at `now`.
pub async fn find(
    conn: &mut Conn,
    user: UserId,
    hashes: &[SecretHash],
    now: Timestamp,
) -> Result<Option<CredentialId>, StoreError> {
    let own = table
        .filter(remembered_devices::hash.eq_any(hashes))
        .filter(remembered_devices::user_id.eq(user))
        .filter(remembered_devices::expires_at.gt(now));
    Ok(own.select(remembered_devices::id).first(conn).await.optional()?)
}

/// Notes that it stands in for a second factor of its user, in the transaction of the sign-in; `false` when it is forgotten by
/// now.
pub async fn take(conn: &mut Conn, user: UserId, id: CredentialId, now: Timestamp) -> Result<bool, StoreError> {
    let own =
        table.find(id).filter(remembered_devices::user_id.eq(user)).filter(remembered_devices::expires_at.gt(now));
    Ok(diesel::update(own).set(remembered_devices::last_used_at.eq(Some(now))).execute(conn).await? == 1)
}

/// Those of a user, the newest first.
pub async fn of_user(conn: &mut Conn, user: UserId, now: Timestamp) -> Result<Vec<RememberedDevice>, StoreError> {
    let own = table
        .filter(remembered_devices::user_id.eq(user))
        .filter(remembered_devices::expires_at.gt(now))
        .order(remembered_devices::created_at.desc());
    let rows: Vec<DeviceRow> = own.select(DeviceRow::as_select()).load(conn).await?;
    Ok(rows.into_iter().map(RememberedDevice::from).collect())
}

/// Forgets one of a user's; tells whether there was one.
pub async fn end_of(conn: &mut Conn, user: UserId, id: CredentialId) -> Result<bool, StoreError> {
    Ok(diesel::delete(table.find(id).filter(remembered_devices::user_id.eq(user))).execute(conn).await? == 1)
}

/// Forgets every one of a user's; tells how many.
pub async fn end_of_user(conn: &mut Conn, user: UserId) -> Result<usize, StoreError> {
    Ok(diesel::delete(table.filter(remembered_devices::user_id.eq(user))).execute(conn).await?)
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = remembered_devices, treat_none_as_default_value = false)]
struct DeviceRow {
    id: CredentialId,
    hash: SecretHash,
    user_id: UserId,
    user_agent: Option<String>,
    address: Option<String>,
    created_at: Timestamp,
    last_used_at: Option<Timestamp>,
    expires_at: Timestamp,
}

impl From<RememberedDevice> for DeviceRow {
    fn from(device: RememberedDevice) -> Self {
        Self {
            id: device.id,
            hash: device.hash,
            user_id: device.user,
            user_agent: device.user_agent,
            address: device.address,
            created_at: device.created_at,
            last_used_at: device.last_used_at,
            expires_at: device.expires_at,
        }
    }
}

impl From<DeviceRow> for RememberedDevice {
    fn from(row: DeviceRow) -> Self {
        Self {
            id: row.id,
            hash: row.hash,
            user: row.user_id,
            user_agent: row.user_agent,
            address: row.address,
            created_at: row.created_at,
            last_used_at: row.last_used_at,
            expires_at: row.expires_at,
        }
    }
}
