//! What users have allowed clients.

use std::collections::BTreeSet;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::domain::oauth::client::ClientId;
use crate::domain::oauth::token::scope::Scope;
use crate::domain::sign_in::consent::Consent;
use crate::foundation::{Timestamp, id::UserId};
use crate::storage::engine::columns::Words;
use crate::storage::engine::schema::consents::{self, table};
use crate::storage::{Conn, StoreError};

/// Everything that the user has ever allowed the client.
pub async fn find(conn: &mut Conn, user: UserId, client: &ClientId) -> Result<Option<Consent>, StoreError> {
    let row = table.find((user, client)).select(ConsentRow::as_select()).first(conn).await.optional()?;
    Ok(row.map(Consent::from))
}

/// What a user has ever allowed to whom, and since when; at most `limit`, in the order of the clients' ids.
pub async fn of_user(
    conn: &mut Conn,
    user: UserId,
    limit: i64,
) -> Result<Vec<(ClientId, Consent, Timestamp)>, StoreError> {
    let own = table.filter(consents::user_id.eq(user)).order(consents::client_id).limit(limit);
    let rows: Vec<(ClientId, ConsentRow, Timestamp)> =
        own.select((consents::client_id, ConsentRow::as_select(), consents::created_at)).load(conn).await?;
    Ok(rows.into_iter().map(|(client, row, since)| (client, Consent::from(row), since)).collect())
}

/// Forgets what the user has allowed the client; tells whether there was anything.
pub async fn forget(conn: &mut Conn, user: UserId, client: &ClientId) -> Result<bool, StoreError> {
    Ok(diesel::delete(table.find((user, client))).execute(conn).await? == 1)
}

/// Adds to what the user has allowed the client. Call it in a transaction.
pub async fn allow(
    conn: &mut Conn,
    user: UserId,
    client: &ClientId,
    more_scope: &Scope,
    more_claims: &BTreeSet<String>,
    now: Timestamp,
) -> Result<(), StoreError> {
    use consents::{claims, client_id, created_at, scope, updated_at, user_id};
    let row = (
        user_id.eq(user),
        client_id.eq(client),
        scope.eq(more_scope),
        claims.eq(words(more_claims)),
        created_at.eq(now),
        updated_at.eq(now),
    );
    if diesel::insert_into(table).values(row).on_conflict_do_nothing().execute(conn).await? == 1 {
        return Ok(());
    }
    // Changing the row locks it: two answers at once both count.
    let known: ConsentRow = diesel::update(table.find((user, client)))
        .set(updated_at.eq(now))
        .returning(ConsentRow::as_returning())
        .get_result(conn)
        .await?;
    let known = Consent::from(known);
    let all_claims = known.claims.union(more_claims).cloned().collect();
    diesel::update(table.find((user, client)))
        .set((scope.eq(known.scope.union(more_scope)), claims.eq(words(&all_claims))))
        .execute(conn)
        .await?;
    Ok(())
}

fn words(set: &BTreeSet<String>) -> Words {
    Words(set.iter().cloned().collect())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = consents)]
struct ConsentRow {
    scope: Scope,
    claims: Words,
    updated_at: Timestamp,
}

impl From<ConsentRow> for Consent {
    fn from(row: ConsentRow) -> Self {
        Self { scope: row.scope, claims: row.claims.0.into_iter().collect(), updated_at: row.updated_at }
    }
}
