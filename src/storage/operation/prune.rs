//! Deleting what nobody needs any more, a few rows at a time.

use std::time::Duration;

use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::foundation::Timestamp;
use crate::storage::engine::backend::{SkipLocked, With};
use crate::storage::engine::schema::{
    access_tokens, authorization_codes, authorization_requests, browser_sessions, counters, decision_traces, factors,
    grants, initial_access_tokens, jobs, login_throttles, lost_factors, one_time_links, pending_sign_ins,
    pushed_requests, refresh_tokens, remembered_devices, revoked_tokens, sessions, upstream_flows, used_assertions,
    used_challenges,
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
    /// Requests that clients have pushed.
    PushedRequests,
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
    /// Why requests were refused.
    DecisionTraces,
    /// Sign-ins that were not completed.
    PendingSignIns,
    /// Factors that were not set up to the end; the others do not expire.
    Factors,
    /// Links that were sent by mail, used or not.
    OneTimeLinks,
    /// Browsers in which no second factor was asked for.
    RememberedDevices,
    /// Challenges of passkeys that were answered.
    UsedChallenges,
    /// Assertions by which clients have authenticated.
    UsedAssertions,
    /// What was said of lost factors, and not followed up.
    LostFactors,
    /// People who were sent to a provider and have not come back.
    UpstreamFlows,
    /// What let somebody register applications.
    InitialAccessTokens,
}

impl Kind {
    /// Every kind; what points to a grant comes before the grants.
    pub const ALL: [Self; 22] = [
        Self::BrowserSessions,
        Self::AccessTokens,
        Self::RevokedTokens,
        Self::AuthorizationRequests,
        Self::PushedRequests,
        Self::AuthorizationCodes,
        Self::RefreshTokens,
        Self::Sessions,
        Self::Grants,
        Self::Counters,
        Self::LoginThrottles,
        Self::Jobs,
        Self::DecisionTraces,
        Self::PendingSignIns,
        Self::Factors,
        Self::OneTimeLinks,
        Self::RememberedDevices,
        Self::UsedChallenges,
        Self::UsedAssertions,
        Self::LostFactors,
        Self::UpstreamFlows,
        Self::InitialAccessTokens,
    ];

    /// How long a row is kept after its end. What shows that a token was used or revoked is kept for a day, so that a
    /// replay is recognised to the end, and a clock that stood a little ahead has deleted nothing that counts.
    const fn kept_for(self) -> Duration {
        match self {
            Self::Counters
            | Self::AuthorizationRequests
            | Self::PushedRequests
            | Self::LoginThrottles
            | Self::Jobs
            | Self::DecisionTraces
            | Self::PendingSignIns
            | Self::Factors
            | Self::OneTimeLinks
            | Self::RememberedDevices
            | Self::UpstreamFlows
            | Self::InitialAccessTokens
            | Self::LostFactors => Duration::ZERO,
            // A service makes one for each of its tokens. Each is kept for longer than the longest holds, for the clock's sake.
            Self::BrowserSessions | Self::AccessTokens | Self::UsedAssertions => HOUR,
            Self::RevokedTokens
            | Self::UsedChallenges
            | Self::AuthorizationCodes
            | Self::RefreshTokens
            | Self::Sessions => DAY,
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

/// What the first part of a statement has picked.
pub(in crate::storage) mod picked {
    diesel::table! {
        picked_hashes (hash) {
            hash -> Binary,
        }
    }
    diesel::table! {
        picked_texts (id) {
            id -> Text,
        }
    }
    diesel::table! {
        picked_ids (id) {
            id -> Uuid,
        }
    }
    diesel::table! {
        picked_users (user_id) {
            user_id -> Uuid,
        }
    }
}
use picked::{picked_hashes, picked_ids, picked_texts, picked_users};

diesel::allow_tables_to_appear_in_same_query!(picked_hashes, browser_sessions);
diesel::allow_tables_to_appear_in_same_query!(picked_hashes, access_tokens);
diesel::allow_tables_to_appear_in_same_query!(picked_hashes, authorization_requests);
diesel::allow_tables_to_appear_in_same_query!(picked_hashes, pushed_requests);
diesel::allow_tables_to_appear_in_same_query!(picked_hashes, authorization_codes);
diesel::allow_tables_to_appear_in_same_query!(picked_hashes, refresh_tokens);
diesel::allow_tables_to_appear_in_same_query!(picked_texts, revoked_tokens);
diesel::allow_tables_to_appear_in_same_query!(picked_texts, counters);
diesel::allow_tables_to_appear_in_same_query!(picked_texts, login_throttles);
diesel::allow_tables_to_appear_in_same_query!(picked_texts, decision_traces);
diesel::allow_tables_to_appear_in_same_query!(picked_ids, sessions);
diesel::allow_tables_to_appear_in_same_query!(picked_ids, grants);
diesel::allow_tables_to_appear_in_same_query!(picked_ids, jobs);
diesel::allow_tables_to_appear_in_same_query!(picked_hashes, pending_sign_ins);
diesel::allow_tables_to_appear_in_same_query!(picked_ids, factors);
diesel::allow_tables_to_appear_in_same_query!(picked_hashes, one_time_links);
diesel::allow_tables_to_appear_in_same_query!(picked_ids, remembered_devices);
diesel::allow_tables_to_appear_in_same_query!(picked_hashes, used_challenges);
diesel::allow_tables_to_appear_in_same_query!(picked_hashes, used_assertions);
diesel::allow_tables_to_appear_in_same_query!(picked_users, lost_factors);
diesel::allow_tables_to_appear_in_same_query!(picked_hashes, upstream_flows);
diesel::allow_tables_to_appear_in_same_query!(picked_ids, initial_access_tokens);

/// Deletes those of the `$limit` rows of `$table` that expired first between `$from` and `$before`, by the index on that
/// column, for which `$free` holds.
///
/// On PostgreSQL a row that another transaction has is left for the next run. To wait for it could end in a deadlock: the
/// batch is locked in whatever order it is found in, by another instance that prunes in another order.
macro_rules! delete_oldest {
    ($conn:expr, $table:ident, $key:ident, $picked:ident, ($from:expr, $before:expr, $limit:expr), $free:expr) => {
        match $conn.is_postgres() {
            true => {
                let old = $table::table
                    .filter($table::expires_at.le($before))
                    .filter($table::expires_at.gt($from))
                    .order($table::expires_at)
                    .limit($limit)
                    .select($table::$key);
                let ours = $table::table.filter($table::$key.eq_any($picked::table.select($picked::$key)));
                let then = diesel::delete(ours.filter($free));
                With { name: stringify!($picked), first: SkipLocked(old), then }.execute($conn).await?
            }
            false => {
                let old = diesel::alias!($table as old);
                let old = old
                    .filter(old.field($table::expires_at).le($before))
                    .filter(old.field($table::expires_at).gt($from))
                    .order(old.field($table::expires_at))
                    .limit($limit)
                    .select(old.field($table::$key));
                diesel::delete($table::table.filter($table::$key.eq_any(old)).filter($free)).execute($conn).await?
            }
        }
    };
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
        ($table:ident, $key:ident, $picked:ident) => {
            delete_oldest!(conn, $table, $key, $picked, (from, before, limit), $table::expires_at.le(before))
        };
    }
    let deleted = match kind {
        Kind::BrowserSessions => delete!(browser_sessions, hash, picked_hashes),
        Kind::AccessTokens => delete!(access_tokens, hash, picked_hashes),
        Kind::RevokedTokens => delete!(revoked_tokens, id, picked_texts),
        Kind::AuthorizationRequests => delete!(authorization_requests, hash, picked_hashes),
        Kind::PushedRequests => delete!(pushed_requests, hash, picked_hashes),
        Kind::AuthorizationCodes => delete!(authorization_codes, hash, picked_hashes),
        Kind::RefreshTokens => delete!(refresh_tokens, hash, picked_hashes),
        Kind::Sessions => delete!(sessions, id, picked_ids),
        Kind::Counters => delete!(counters, id, picked_texts),
        Kind::LoginThrottles => delete!(login_throttles, id, picked_texts),
        Kind::Jobs => delete!(jobs, id, picked_ids),
        Kind::DecisionTraces => delete!(decision_traces, id, picked_texts),
        Kind::PendingSignIns => delete!(pending_sign_ins, hash, picked_hashes),
        Kind::Factors => delete!(factors, id, picked_ids),
        Kind::OneTimeLinks => delete!(one_time_links, hash, picked_hashes),
        Kind::RememberedDevices => delete!(remembered_devices, id, picked_ids),
        Kind::UsedChallenges => delete!(used_challenges, hash, picked_hashes),
        Kind::UsedAssertions => delete!(used_assertions, hash, picked_hashes),
        Kind::LostFactors => delete!(lost_factors, user_id, picked_users),
        Kind::UpstreamFlows => delete!(upstream_flows, hash, picked_hashes),
        Kind::InitialAccessTokens => delete!(initial_access_tokens, id, picked_ids),
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
    // The last grant of a client in a session says that it is to be told when the session ends: it stays as long.
    let live = sessions::table.filter(sessions::id.nullable().eq(grants::session_id));
    let live = live.filter(sessions::ended_at.is_null()).filter(sessions::expires_at.gt(before));
    let later = diesel::alias!(grants as later_grants);
    let same = later.field(grants::session_id).eq(grants::session_id);
    let same = same.and(later.field(grants::client_id).eq(grants::client_id));
    let replaced = later.filter(same.and(later.field(grants::id).gt(grants::id)));
    let needed = exists(live).and(not(exists(replaced)));
    let free = not(exists(codes)).and(not(exists(tokens))).and(not(needed));
    let deleted = delete_oldest!(conn, grants, id, picked_ids, (from, before, limit), free);
    let examined = ends.len();
    Ok(Step { examined, deleted, from: if deleted < examined { *last } else { from } })
}
