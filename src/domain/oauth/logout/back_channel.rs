//! Telling clients that a session has ended, from server to server (OpenID Connect Back-Channel Logout 1.0).

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::oauth::client::ClientId;
use crate::domain::oauth::token::pairwise_sub::PairwiseSub;
use crate::foundation::id::{SessionId, UserId};
use crate::foundation::{Random, Timestamp, url::Issuer};

/// The `typ` of a logout token's header (§2.4): no other token of ours can be taken for one, nor it for another.
pub const TYPE: &str = "logout+jwt";

/// The one event of a logout token (§2.4).
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// How long a token holds: it is made when it is sent, and §4 recommends two minutes at most.
const LIFETIME: Duration = Duration::from_secs(120);

/// Who is to be told of the end of which session: what a job keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The client that was signed in to.
    pub client: ClientId,
    /// The session that has ended.
    pub session: SessionId,
    /// Whose it was.
    pub user: UserId,
    /// What the client calls them, where that is not the id of the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pairwise_sub: Option<PairwiseSub>,
}

/// The claims of a logout token (§2.4): no nonce, so that it can never pass for an ID token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LogoutToken {
    iss: String,
    aud: String,
    iat: i64,
    exp: i64,
    jti: String,
    sub: String,
    sid: String,
    events: BTreeMap<&'static str, NoMembers>,
}

/// The value of the event (§2.4): an empty object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
struct NoMembers {}

impl LogoutToken {
    /// The claims of one that is sent at `now`. `sid` is what the client calls the session; it and `sub` are as in its ID tokens.
    pub fn new(issuer: &Issuer, told: &Told, sid: String, random: &Random, now: Timestamp) -> Self {
        let sub = told.pairwise_sub.as_ref().map_or_else(|| told.user.to_string(), ToString::to_string);
        Self {
            iss: issuer.as_str().to_owned(),
            aud: told.client.as_str().to_owned(),
            iat: now.as_secs(),
            exp: now.after(LIFETIME).as_secs(),
            jti: random.readable(26),
            sub,
            sid,
            events: BTreeMap::from([(EVENT, NoMembers {})]),
        }
    }
}

/// What a client's answer means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    /// It has ended its session, or knew of none.
    Done,
    /// It does not want this token, and would not want it again (§2.8: 400).
    Refused,
    /// Something is wrong there, perhaps only for now.
    Failed,
}

/// What the status of a client's answer means (§2.8). Some frameworks make a 204 of a 200 without content, and the standard
/// has us take both.
pub fn answered(status: u16) -> Answered {
    match status {
        200..=299 => Answered::Done,
        400 => Answered::Refused,
        _ => Answered::Failed,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::oauth::fixtures::{NOW, client, issuer, session};

    #[test]
    fn a_logout_token_says_whose_session_ended_and_nothing_that_an_id_token_says() {
        let session = session(NOW);
        let pairwise_sub = Some(PairwiseSub::from_stored("alice-there".to_owned()));
        let told = Told { client: client().id, session: session.id, user: session.user, pairwise_sub };
        let token = LogoutToken::new(&issuer(), &told, "session-there".into(), &Random::seeded(1), NOW);
        let mut claims = serde_json::to_value(token).unwrap();
        let jti = claims.as_object_mut().unwrap().remove("jti").unwrap();
        assert!(jti.as_str().unwrap().len() > 20);
        let expected = json!({
            "iss": "https://id.example", "aud": "web", "iat": 1_000_000, "exp": 1_000_120, "sub": "alice-there",
            "sid": "session-there", "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        });
        assert_eq!(claims, expected);
    }

    #[test]
    fn only_a_400_is_a_refusal_for_good() {
        for (status, meaning) in [
            (200, Answered::Done),
            (204, Answered::Done),
            (202, Answered::Done),
            (400, Answered::Refused),
            (302, Answered::Failed),
            (401, Answered::Failed),
            (404, Answered::Failed),
            (500, Answered::Failed),
            (503, Answered::Failed),
        ] {
            assert_eq!(answered(status), meaning, "{status}");
        }
    }

    #[test]
    fn what_a_job_keeps_reads_back() {
        let session = session(NOW);
        let told = Told { client: client().id, session: session.id, user: session.user, pairwise_sub: None };
        let json = serde_json::to_string(&told).unwrap();
        assert_eq!(serde_json::from_str::<Told>(&json).unwrap(), told, "also of the version before");
        let told = Told { pairwise_sub: Some(PairwiseSub::of_digest(&[1; 32])), ..told };
        let json = serde_json::to_string(&told).unwrap();
        assert_eq!(serde_json::from_str::<Told>(&json).unwrap(), told);
    }
}
