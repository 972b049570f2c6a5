//! Assertions by which clients have authenticated.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::foundation::{SecretHash, Timestamp};
use crate::storage::engine::schema::used_assertions::{expires_at, hash, table};
use crate::storage::{Conn, StoreError};

/// Notes that the assertion with this hash was used, which nobody could do after `until`; `false` when it was used before. Of twenty at
/// once one was the first.
pub async fn take(conn: &mut Conn, assertion: &SecretHash, until: Timestamp) -> Result<bool, StoreError> {
    let row = (hash.eq(assertion), expires_at.eq(until));
    Ok(diesel::insert_into(table).values(row).on_conflict_do_nothing().execute(conn).await? == 1)
}
