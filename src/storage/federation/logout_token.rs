//! The logout tokens of providers that were taken.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::foundation::{SecretHash, Timestamp};
use crate::storage::engine::schema::used_challenges;
use crate::storage::{Conn, StoreError};

/// Takes the one with this hash, which nobody takes after `until`, in one statement: of twenty one. `false` when it was taken
/// before. They stand among the challenges that were answered, and go with them.
pub async fn take(conn: &mut Conn, hash: &SecretHash, until: Timestamp) -> Result<bool, StoreError> {
    let row = (used_challenges::hash.eq(hash), used_challenges::expires_at.eq(until));
    let added = diesel::insert_into(used_challenges::table).values(row).on_conflict_do_nothing().execute(conn).await?;
    Ok(added == 1)
}
