//! How applications that registered themselves manage that (RFC 7592), and until when they are waited for.

use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::domain::oauth::client::ClientId;
use crate::foundation::{SecretHash, Timestamp};
use crate::storage::engine::schema::client_registrations::table;
use crate::storage::engine::schema::{client_registrations, grants};
use crate::storage::{Conn, StoreError};

/// One of them.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = client_registrations, treat_none_as_default_value = false)]
pub struct ClientRegistration {
    /// The client, which is there.
    pub client_id: ClientId,
    /// Of its registration access token.
    pub token_hash: SecretHash,
    /// The network of one holder that it came from, hidden; `None`: a token let it in.
    pub place: Option<SecretHash>,
    /// The same of the network round that.
    pub wide_place: Option<SecretHash>,
    /// When it came.
    pub created_at: Timestamp,
    /// When it ends, unless it is used.
    pub unused_until: Option<Timestamp>,
}

/// How many may be there at the same time.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// Altogether.
    pub all: i64,
    /// From one place, and not used.
    pub place: i64,
    /// From the place round that, and not used.
    pub wide_place: i64,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It is there.
    Yes,
    /// There are as many as there may be.
    Full,
    /// There are as many from this place as there may be.
    PlaceFull {
        /// When the first of them ends, unless it is used or deleted before; `None`: its time is over.
        until: Option<Timestamp>,
    },
}

/// One lock for each schema, held until the end of the transaction. SQLite has one writer at a time anyway.
const LOCK: &str = "SELECT pg_advisory_xact_lock(hashtextextended('latchkey registers ' || current_schema(), 0))";

/// Keeps one, if there is room. One after the other: transactions at the same time would not see each other's.
pub async fn insert(conn: &mut Conn, registration: &ClientRegistration, room: Room) -> Result<Kept, StoreError> {
    use client_registrations::{client_id, place, unused_until, wide_place};
    if conn.is_postgres() {
        diesel::sql_query(LOCK).execute(conn).await?;
    }
    // Not a count: it would read every row.
    let all = table.select(client_id).offset(room.all - 1).limit(1);
    if all.first::<ClientId>(conn).await.optional()?.is_some() {
        return Ok(Kept::Full);
    }
    let unused = || table.filter(unused_until.is_not_null()).select(unused_until);
    let ends = |first: Option<Timestamp>| Kept::PlaceFull { until: first.filter(|end| *end > registration.created_at) };
    if let Some(from) = registration.place {
        let here = unused().filter(place.eq(from)).order(unused_until);
        if here.offset(room.place - 1).limit(1).first::<Option<Timestamp>>(conn).await.optional()?.is_some() {
            return Ok(ends(here.limit(1).first(conn).await.optional()?.flatten()));
        }
    }
    if let Some(from) = registration.wide_place {
        let round = unused().filter(wide_place.eq(from)).order(unused_until);
        if round.offset(room.wide_place - 1).limit(1).first::<Option<Timestamp>>(conn).await.optional()?.is_some() {
            return Ok(ends(round.limit(1).first(conn).await.optional()?.flatten()));
        }
    }
    diesel::insert_into(table).values(registration.clone()).execute(conn).await?;
    Ok(Kept::Yes)
}

/// The hash of the registration access token of a client; `None` for one that did not register itself.
pub async fn token_of(conn: &mut Conn, client: &ClientId) -> Result<Option<SecretHash>, StoreError> {
    Ok(table.find(client).select(client_registrations::token_hash).first(conn).await.optional()?)
}

/// Notes that these were used, whichever of them registered themselves: they stay.
pub async fn note_use(conn: &mut Conn, clients: &[ClientId]) -> Result<usize, StoreError> {
    use client_registrations::{client_id, unused_until};
    let waited_for = table.filter(client_id.eq_any(clients)).filter(unused_until.is_not_null());
    Ok(diesel::update(waited_for).set(unused_until.eq(None::<Timestamp>)).execute(conn).await?)
}

/// At most `limit` that nobody has used in their time, those that came first before the others. What somebody has allowed shows
/// that one was used, also where that was not noted.
pub async fn unused(conn: &mut Conn, now: Timestamp, limit: i64) -> Result<Vec<ClientId>, StoreError> {
    use client_registrations::{client_id, unused_until};
    let allowed = grants::table.filter(grants::client_id.eq(client_id));
    let over = table.filter(unused_until.le(now)).filter(not(exists(allowed)));
    Ok(over.order(unused_until).select(client_id).limit(limit).load(conn).await?)
}
