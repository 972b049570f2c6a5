//! `[lifetimes]`: how long things live.

use std::time::Duration;

use super::reader::Reader;
use super::setting::Setting;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);
const YEAR: Duration = Duration::from_secs(366 * 86_400);

/// How long things live.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    /// An authorization code, from /authorize to /token.
    pub authorization_code: Duration,
    /// An authorization request, from /authorize to the last page of the sign-in.
    pub authorization_request: Duration,
    /// An access token.
    pub access_token: Duration,
    /// An ID token.
    pub id_token: Duration,
    /// A refresh token that is not used.
    pub refresh_token_idle: Duration,
    /// A grant's refresh tokens, used or not.
    pub refresh_token_absolute: Duration,
    /// The longest life that a client's own access tokens may be given.
    pub access_token_max: Duration,
    /// The longest life that a client's own ID tokens may be given.
    pub id_token_max: Duration,
    /// The longest that a client's own refresh tokens may lie idle.
    pub refresh_token_idle_max: Duration,
    /// The longest that a client's own refresh tokens may be refreshed.
    pub refresh_token_absolute_max: Duration,
    /// A browser session without a visit.
    pub session_idle: Duration,
    /// A browser session, visited or not.
    pub session_absolute: Duration,
}

impl Lifetimes {
    pub(super) fn read(from: &mut Reader) -> Option<Self> {
        let authorization_code = from.within("lifetimes.authorization_code", SECOND..=MINUTE);
        let authorization_request = from.within("lifetimes.authorization_request", SECOND..=DAY);
        let access_token = from.within("lifetimes.access_token", SECOND..=DAY);
        let id_token = from.within("lifetimes.id_token", SECOND..=DAY);
        let (idle, absolute) = ("lifetimes.refresh_token_idle", "lifetimes.refresh_token_absolute");
        let refresh_token = (from.within(idle, SECOND..=YEAR), from.within(absolute, SECOND..=YEAR * 5));
        idle_is_shorter(from, idle, refresh_token);
        let access_token_max = from.within("lifetimes.access_token_max", SECOND..=DAY);
        let id_token_max = from.within("lifetimes.id_token_max", SECOND..=DAY);
        let refresh_token_idle_max = from.within("lifetimes.refresh_token_idle_max", SECOND..=YEAR);
        let refresh_token_absolute_max = from.within("lifetimes.refresh_token_absolute_max", SECOND..=YEAR * 5);
        let (idle, absolute) = ("lifetimes.session_idle", "lifetimes.session_absolute");
        let session = (from.within(idle, SECOND..=YEAR), from.within(absolute, SECOND..=YEAR));
        idle_is_shorter(from, idle, session);
        Some(Self {
            authorization_code: authorization_code?,
            authorization_request: authorization_request?,
            access_token: access_token?,
            id_token: id_token?,
            refresh_token_idle: refresh_token.0?,
            refresh_token_absolute: refresh_token.1?,
            access_token_max: access_token_max?,
            id_token_max: id_token_max?,
            refresh_token_idle_max: refresh_token_idle_max?,
            refresh_token_absolute_max: refresh_token_absolute_max?,
            session_idle: session.0?,
            session_absolute: session.1?,
        })
    }
}

fn idle_is_shorter(from: &mut Reader, key: &'static str, limits: (Option<Duration>, Option<Duration>)) {
    if let (Some(idle), Some(absolute)) = limits
        && idle > absolute
    {
        from.refuse(key, format!("is longer than the absolute limit, {}", absolute.show()));
    }
}
