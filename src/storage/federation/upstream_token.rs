//! The tokens of providers, one row for each identity whose provider's tokens are kept.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::domain::federation::upstream_token::KeptTokens;
use crate::foundation::Timestamp;
use crate::foundation::id::{CredentialId, UserId};
use crate::storage::engine::schema::upstream_tokens::table;
use crate::storage::engine::schema::{identities, upstream_tokens};
use crate::storage::{Conn, StoreError};

/// Keeps those of an identity, in place of those from before; a renewal that is under way writes nothing any more.
pub async fn put(conn: &mut Conn, tokens: &KeptTokens, now: Timestamp) -> Result<(), StoreError> {
    use upstream_tokens::{
        failures, identity_id, leased_until, provider, renew_at, sealed, updated_at, used_at, version,
    };
    diesel::insert_into(table)
        .values((
            identity_id.eq(tokens.identity),
            provider.eq(&tokens.provider),
            sealed.eq(&tokens.sealed),
            renew_at.eq(tokens.renew_at),
            leased_until.eq(None::<Timestamp>),
            failures.eq(0),
            version.eq(1),
            used_at.eq(now),
            updated_at.eq(now),
        ))
        .on_conflict(identity_id)
        .do_update()
        .set((
            sealed.eq(&tokens.sealed),
            renew_at.eq(tokens.renew_at),
            leased_until.eq(None::<Timestamp>),
            failures.eq(0),
            version.eq(version + 1),
            used_at.eq(now),
            updated_at.eq(now),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Those of an identity.
pub async fn find(conn: &mut Conn, identity: CredentialId) -> Result<Option<KeptTokens>, StoreError> {
    let row: Option<TokensRow> = table.find(identity).select(TokensRow::as_select()).first(conn).await.optional()?;
    Ok(row.map(KeptTokens::from))
}

/// Those of a user at a provider; of several identities there, the one that they last signed in with.
pub async fn of_user(conn: &mut Conn, user: UserId, provider: &str) -> Result<Option<KeptTokens>, StoreError> {
    let own = table.inner_join(identities::table).filter(identities::user_id.eq(user));
    let there = own.filter(identities::provider.eq(provider));
    let columns = (TokensRow::as_select(), identities::last_used_at, identities::created_at);
    let rows: Vec<(TokensRow, Option<Timestamp>, Timestamp)> = there.select(columns).load(conn).await?;
    let last = rows.into_iter().max_by_key(|(_, used, connected)| (*used, *connected));
    Ok(last.map(|(row, ..)| KeptTokens::from(row)))
}

/// The identities of a user whose tokens are kept.
pub async fn kept_of_user(conn: &mut Conn, user: UserId) -> Result<Vec<CredentialId>, StoreError> {
    let own = table.inner_join(identities::table).filter(identities::user_id.eq(user));
    Ok(own.select(upstream_tokens::identity_id).load(conn).await?)
}

/// At most `limit` identities whose tokens are to be renewed by now, which nobody is doing, and which were used after
/// `used_after`; those that wait longest first.
pub async fn due(
    conn: &mut Conn,
    now: Timestamp,
    used_after: Timestamp,
    limit: i64,
) -> Result<Vec<(CredentialId, String)>, StoreError> {
    let due = table.filter(upstream_tokens::renew_at.le(now)).filter(upstream_tokens::used_at.gt(used_after));
    let free = due.filter(upstream_tokens::leased_until.is_null().or(upstream_tokens::leased_until.le(now)));
    let oldest = free.order(upstream_tokens::renew_at).limit(limit);
    Ok(oldest.select((upstream_tokens::identity_id, upstream_tokens::provider)).load(conn).await?)
}

/// Takes those of an identity to renew them, until `until`, in one statement: of twenty one has them. `None` when another has, or
/// when they were changed since `seen`.
pub async fn take(
    conn: &mut Conn,
    identity: CredentialId,
    seen: i64,
    now: Timestamp,
    until: Timestamp,
) -> Result<Option<KeptTokens>, StoreError> {
    let free = upstream_tokens::leased_until.is_null().or(upstream_tokens::leased_until.le(now));
    let one = table.find(identity).filter(upstream_tokens::version.eq(seen)).filter(free);
    let changes = (upstream_tokens::leased_until.eq(until), upstream_tokens::version.eq(upstream_tokens::version + 1));
    let row: Option<TokensRow> =
        diesel::update(one).set(changes).returning(TokensRow::as_returning()).get_result(conn).await.optional()?;
    Ok(row.map(KeptTokens::from))
}

/// Writes what became of tokens that were taken, and gives them back; `false` when somebody has signed in meanwhile, or they are
/// gone.
pub async fn give_back(conn: &mut Conn, tokens: &KeptTokens, now: Timestamp) -> Result<bool, StoreError> {
    let taken = table.find(tokens.identity).filter(upstream_tokens::version.eq(tokens.version));
    let changes = (
        upstream_tokens::sealed.eq(&tokens.sealed),
        upstream_tokens::renew_at.eq(tokens.renew_at),
        upstream_tokens::failures.eq(tokens.failures),
        upstream_tokens::leased_until.eq(None::<Timestamp>),
        upstream_tokens::version.eq(upstream_tokens::version + 1),
        upstream_tokens::updated_at.eq(now),
    );
    Ok(diesel::update(taken).set(changes).execute(conn).await? == 1)
}

/// Forgets tokens that were taken; `false` when somebody has signed in meanwhile, or they are gone.
pub async fn forget(conn: &mut Conn, tokens: &KeptTokens) -> Result<bool, StoreError> {
    let taken = table.find(tokens.identity).filter(upstream_tokens::version.eq(tokens.version));
    Ok(diesel::delete(taken).execute(conn).await? == 1)
}

/// Notes that somebody asked for them.
pub async fn note_use(conn: &mut Conn, identity: CredentialId, now: Timestamp) -> Result<(), StoreError> {
    diesel::update(table.find(identity)).set(upstream_tokens::used_at.eq(now)).execute(conn).await?;
    Ok(())
}

/// The provider whose tokens are kept that comes after this one in the alphabet.
pub async fn provider_after(conn: &mut Conn, provider: &str) -> Result<Option<String>, StoreError> {
    let next = table.filter(upstream_tokens::provider.gt(provider)).order(upstream_tokens::provider);
    Ok(next.select(upstream_tokens::provider).first(conn).await.optional()?)
}

/// Forgets all those of a provider; tells how many.
pub async fn forget_of_provider(conn: &mut Conn, provider: &str) -> Result<usize, StoreError> {
    Ok(diesel::delete(table.filter(upstream_tokens::provider.eq(provider))).execute(conn).await?)
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = upstream_tokens)]
struct TokensRow {
    identity_id: CredentialId,
    provider: String,
    sealed: Vec<u8>,
    renew_at: Option<Timestamp>,
    failures: i64,
    version: i64,
    used_at: Timestamp,
}

impl From<TokensRow> for KeptTokens {
    fn from(row: TokensRow) -> Self {
        let TokensRow { identity_id, provider, sealed, renew_at, failures, version, used_at } = row;
        Self { identity: identity_id, provider, sealed, renew_at, failures, version, used_at }
    }
}
