//! People who were sent to a provider and have not come back.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::foundation::{SecretHash, Timestamp};
use crate::storage::engine::schema::upstream_flows;
use crate::storage::engine::schema::upstream_flows::table;
use crate::storage::{Conn, StoreError};

/// One of them.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = upstream_flows, treat_none_as_default_value = false)]
pub struct UpstreamFlow {
    /// Of the state.
    pub hash: SecretHash,
    /// Whither.
    pub provider: String,
    /// Of the secret of the browser.
    pub browser_hash: SecretHash,
    /// Nonce, PKCE verifier, and what they wanted.
    pub sealed: Vec<u8>,
    /// When they went.
    pub created_at: Timestamp,
    /// Until when they are waited for.
    pub expires_at: Timestamp,
}

/// Keeps one. Of the others of the same browser the newest `most` less one stay.
pub async fn insert(conn: &mut Conn, flow: &UpstreamFlow, most: i64) -> Result<(), StoreError> {
    let own = table.filter(upstream_flows::browser_hash.eq(flow.browser_hash));
    let others = own.order(upstream_flows::created_at.desc()).select(upstream_flows::hash).offset(most - 1).limit(100);
    let surplus: Vec<SecretHash> = others.load(conn).await?;
    if !surplus.is_empty() {
        diesel::delete(table.filter(upstream_flows::hash.eq_any(surplus))).execute(conn).await?;
    }
    diesel::insert_into(table).values(flow.clone()).execute(conn).await?;
    Ok(())
}

/// Takes what waits for this answer, in one statement: whoever has the state, in the browser and from the provider that it was
/// made for, has it once.
pub async fn take(
    conn: &mut Conn,
    hash: &SecretHash,
    provider: &str,
    browser: &SecretHash,
    now: Timestamp,
) -> Result<Option<Vec<u8>>, StoreError> {
    let waiting = table
        .find(*hash)
        .filter(upstream_flows::provider.eq(provider))
        .filter(upstream_flows::browser_hash.eq(*browser))
        .filter(upstream_flows::expires_at.gt(now));
    Ok(diesel::delete(waiting).returning(upstream_flows::sealed).get_result(conn).await.optional()?)
}
