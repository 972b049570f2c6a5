//! Deleting what nobody needs any more, a few rows at a time.

use std::time::Duration;

use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::foundation::Timestamp;
use crate::storage::engine::schema::{
    access_tokens, authorization_codes, authorization_requests, browser_sessions, counters, grants, jobs,
    login_throttles, refresh_tokens, revoked_tokens, sessions,
};
use crate::storage::{Conn, StoreError};

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// A kind of row that expires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// What browsers' cookies lead to.
    BrowserSessions,
    /// Opaque access tokens.
    AccessTokens,
    /// What denies access tokens that were revoked.
    RevokedTokens,
    /// Parked authorization requests.
    AuthorizationRequests,
    /// Codes, used ones included.
    AuthorizationCodes,
    /// Refresh tokens, used ones included.
    RefreshTokens,
    /// Sign-in sessions.
    Sessions,
    /// Grants that no code and no refresh token points to.
    Grants,
    /// Counters of attempts.
    Counters,
    /// Wrong passwords in a row, but for those of an account itself: they do not expire.
    LoginThrottles,
    /// Jobs that have ended, well or not.
    Jobs,
}

impl Kind {
    /// Every kind; what points to a grant comes before the grants.
    pub const ALL: [Self; 11] = [
        Self::BrowserSessions,
        Self::AccessTokens,
        Self::RevokedTokens,
        Self::AuthorizationRequests,
        Self::AuthorizationCodes,
        Self::RefreshTokens,
        Self::Sessions,
        Self::Grants,
        Self::Counters,
        Self::LoginThrottles,
        Self::Jobs,
    ];

    /// How long a row is kept after its end. What shows that a token was used or revoked is kept for a day, so that a
    /// replay is recognised to the end, and a clock that stood a little ahead has deleted nothing that counts.
    const fn kept_for(self) -> Duration {
        match self {
            Self::Counters | Self::AuthorizationRequests | Self::LoginThrottles | Self::Jobs => Duration::ZERO,
            Self::BrowserSessions | Self::AccessTokens => HOUR,
            Self::RevokedTokens | Self::AuthorizationCodes | Self::RefreshTokens | Self::Sessions => DAY,
            // Longer than whatever points to them, so that they need not be looked at in vain: a code can outlive its
            // grant by a minute.
            Self::Grants => DAY.saturating_add(HOUR),
        }
    }
}

/// What one step came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Rows that were looked at: never more than were allowed.
    pub examined: usize,
    /// Rows that are gone.
    pub deleted: usize,
    /// Where the next step begins.
    pub from: Timestamp,
}

/// Before every row: where the first step begins.
pub const BEGINNING: Timestamp = Timestamp::from_micros(i64::MIN);

/// The `limit` rows of `$table` that expired first, between `$from` and `$before`: by the index on that column.
macro_rules! oldest {
    ($table:ident, $key:ident, $from:expr, $before:expr, $limit:expr) => {{
        let old = diesel::alias!($table as old);
        old.filter(old.field($table::expires_at).le($before))
            .filter(old.field($table::expires_at).gt($from))
            .select(old.field($table::$key))
            .order(old.field($table::expires_at))
            .limit($limit)
    }};
}

/// Deletes at most `limit` rows of one kind that have expired at `now` and are not kept any more, and looks at no more than
/// so many: other transactions wait for this one. Call it again from where it says, in another transaction, while it looks
/// at as many as it may.
pub async fn step(
    conn: &mut Conn,
    kind: Kind,
    now: Timestamp,
    from: Timestamp,
    limit: i64,
) -> Result<Step, StoreError> {
    let before = now.before(kind.kept_for());
    macro_rules! delete {
        ($table:ident, $key:ident) => {
            diesel::delete($table::table.filter($table::$key.eq_any(oldest!($table, $key, from, before, limit))))
                .execute(conn)
                .await?
        };
    }
    let deleted = match kind {
        Kind::BrowserSessions => delete!(browser_sessions, hash),
        Kind::AccessTokens => delete!(access_tokens, hash),
        Kind::RevokedTokens => delete!(revoked_tokens, id),
        Kind::AuthorizationRequests => delete!(authorization_requests, hash),
        Kind::AuthorizationCodes => delete!(authorization_codes, hash),
        Kind::RefreshTokens => delete!(refresh_tokens, hash),
        Kind::Sessions => delete!(sessions, id),
        Kind::Counters => delete!(counters, id),
        Kind::LoginThrottles => delete!(login_throttles, id),
        Kind::Jobs => delete!(jobs, id),
        Kind::Grants => return grants(conn, before, from, limit).await,
    };
    Ok(Step { examined: deleted, deleted, from })
}

/// Grants that something still points to stay, and the next step begins behind them: to look at all of them again and
/// again took seconds.
async fn grants(conn: &mut Conn, before: Timestamp, from: Timestamp, limit: i64) -> Result<Step, StoreError> {
    let expired = grants::expires_at.le(before).and(grants::expires_at.gt(from));
    let ends = grants::table.filter(expired).select(grants::expires_at).order(grants::expires_at).limit(limit);
    let ends: Vec<Timestamp> = ends.load(conn).await?;
    let Some(last) = ends.last() else {
        return Ok(Step { examined: 0, deleted: 0, from });
    };
    let codes = authorization_codes::table.filter(authorization_codes::grant_id.eq(grants::id));
    let tokens = refresh_tokens::table.filter(refresh_tokens::grant_id.eq(grants::id));
    let free = grants::table
        .filter(grants::id.eq_any(oldest!(grants, id, from, before, limit)))
        .filter(not(exists(codes)))
        .filter(not(exists(tokens)));
    let deleted = diesel::delete(free).execute(conn).await?;
    let examined = ends.len();
    Ok(Step { examined, deleted, from: if deleted < examined { *last } else { from } })
}
