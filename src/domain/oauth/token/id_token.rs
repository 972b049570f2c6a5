//! ID tokens (OpenID Connect Core §2).

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::domain::oauth::grant::Grant;
use crate::foundation::{Timestamp, url::Issuer};

/// The `typ` of an ID token's header.
pub const TYPE: &str = "JWT";

/// The claims of an ID token.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct IdToken {
    /// Who issued it.
    pub iss: String,
    /// Who signed in.
    pub sub: String,
    /// The client.
    pub aud: String,
    /// When it expires, in seconds since the epoch.
    pub exp: i64,
    /// When it was issued.
    pub iat: i64,
    /// When the user had signed in.
    pub auth_time: i64,
    /// From the authorization request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// The class of that sign-in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// How the user had signed in.
    pub amr: Vec<String>,
    /// The session (OpenID Connect Front-Channel Logout §3).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// Binds it to the access token that comes with it (§3.1.3.6).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_hash: Option<String>,
    /// Binds it to the code that comes with it (§3.3.2.11).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub c_hash: Option<String>,
    /// Claims that were asked for by name (§5.5) and, for clients with `id_token_claims`, those of the scope (§5.4).
    #[serde(flatten)]
    pub user: Map<String, Value>,
}

/// The hashes of what comes together with an ID token.
#[derive(Clone, Debug, Default)]
pub struct Hashes {
    /// Of the access token.
    pub access_token: Option<String>,
    /// Of the code.
    pub code: Option<String>,
}

/// What an ID token says that is not in its grant.
#[derive(Clone, Debug, Default)]
pub struct Beside {
    /// What the client calls the session, see [`super::subject::Subjects::sid`].
    pub sid: Option<String>,
    /// From the authorization request.
    pub nonce: Option<String>,
    /// Of what comes with it.
    pub hashes: Hashes,
    /// What it says of the person beyond the sign-in itself, see [`super::claims::in_id_token`].
    pub user: Map<String, Value>,
}

impl IdToken {
    /// The claims of an ID token under `grant`.
    pub fn new(issuer: &Issuer, grant: &Grant, beside: Beside, lifetime: Duration, now: Timestamp) -> Self {
        Self {
            iss: issuer.as_str().to_owned(),
            sub: grant.sub(),
            aud: grant.client.as_str().to_owned(),
            exp: now.after(lifetime).as_secs(),
            iat: now.as_secs(),
            auth_time: grant.authenticated_at.as_secs(),
            nonce: beside.nonce,
            acr: grant.acr.clone(),
            amr: grant.methods.clone(),
            sid: beside.sid,
            at_hash: beside.hashes.access_token,
            c_hash: beside.hashes.code,
            user: beside.user,
        }
    }
}

/// What a verified id_token_hint says. It may have expired (OpenID Connect RP-Initiated Logout §2).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Hint {
    /// Who issued it: must be us.
    pub iss: String,
    /// Who had signed in.
    pub sub: String,
    /// The client.
    pub aud: String,
    /// When it was issued.
    pub iat: i64,
    /// When it expires: no other JWT of ours whose `typ` is the same has it.
    pub exp: i64,
    /// The session.
    #[serde(default)]
    pub sid: Option<String>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::oauth::fixtures::{NOW, grant, issuer, scope, seconds, session, user};
    use crate::domain::oauth::token::claim_catalogue::ClaimCatalogue;
    use crate::domain::oauth::token::claims::{ClaimsRequest, in_id_token};
    use crate::domain::oauth::token::scope::Scope;

    fn hashes() -> Hashes {
        Hashes { access_token: Some("half".into()), code: None }
    }

    fn made(grant: &Grant, nonce: Option<&str>, now: Timestamp) -> Map<String, Value> {
        made_with(&Scope::empty(), grant, nonce, now)
    }

    fn made_with(scope: &Scope, grant: &Grant, nonce: Option<&str>, now: Timestamp) -> Map<String, Value> {
        let about = in_id_token(&user(grant.user), scope, &grant.claims, &ClaimCatalogue::default());
        let (sid, nonce) = (grant.session.map(|session| session.to_string()), nonce.map(str::to_owned));
        let beside = Beside { sid, nonce, hashes: hashes(), user: about };
        let token = IdToken::new(&issuer(), grant, beside, seconds(600), now);
        serde_json::to_value(token).unwrap().as_object().unwrap().clone()
    }

    #[test]
    fn it_says_who_signed_in_when_and_how() {
        let session = session(NOW.before(seconds(100)));
        let grant = grant(&session);
        let claims = made(&grant, Some("n-1"), NOW);
        let expected = json!({
            "iss": "https://id.example", "sub": session.user.to_string(), "aud": "web", "sid": session.id.to_string(),
            "exp": 1_000_600, "iat": 1_000_000, "auth_time": 999_900, "nonce": "n-1", "at_hash": "half",
            "acr": "urn:latchkey:acr:password", "amr": ["pwd"],
        });
        assert_eq!(Value::Object(claims), expected);
    }

    #[test]
    fn times_are_whole_seconds() {
        let claims = made(&grant(&session(NOW)), None, Timestamp::from_micros(1_000_000_999_999));
        assert_eq!((claims.get("iat"), claims.get("exp")), (Some(&json!(1_000_000)), Some(&json!(1_000_600))));
    }

    #[test]
    fn what_there_is_none_of_is_left_out() {
        let bare = Grant { session: None, acr: None, ..grant(&session(NOW)) };
        let claims = made(&bare, None, NOW);
        for name in ["nonce", "sid", "acr"] {
            assert_eq!(claims.get(name), None, "{name}");
        }
    }

    #[test]
    fn claims_of_the_scope_stay_in_userinfo_unless_asked_for_here() {
        let mut grant = Grant { scope: scope("openid profile email"), ..grant(&session(NOW)) };
        assert_eq!(made(&grant, None, NOW).get("email"), None);
        grant.claims = ClaimsRequest::parse(r#"{"userinfo":{"name":null},"id_token":{"email":null}}"#).unwrap();
        let claims = made(&grant, None, NOW);
        assert_eq!((claims.get("email"), claims.get("name")), (Some(&json!("alice@example.com")), None));
    }

    #[test]
    fn a_client_that_cannot_ask_userinfo_has_the_claims_of_the_scope_here() {
        let grant = grant(&session(NOW));
        let claims = made_with(&scope("openid email profile"), &grant, None, NOW);
        assert_eq!(claims.get("email"), Some(&json!("alice@example.com")));
        assert_eq!(claims.get("preferred_username"), Some(&json!("alice")));
        let less = made_with(&scope("openid"), &grant, None, NOW);
        assert_eq!(less, made(&grant, None, NOW));
    }

    #[test]
    fn asking_for_a_claim_about_the_sign_in_does_not_change_it() {
        let asked = r#"{"id_token":{"sub":{"value":"x"},"acr":{"value":"x"},"auth_time":null,"amr":null,"sid":null,
            "iss":{"value":"https://evil.example"},"aud":null,"exp":null,"nonce":null}}"#;
        let plain = grant(&session(NOW));
        let grant = Grant { claims: ClaimsRequest::parse(asked).unwrap(), ..plain.clone() };
        assert_eq!(made(&grant, None, NOW), made(&plain, None, NOW));
        let about = in_id_token(&user(plain.user), &grant.scope, &grant.claims, &ClaimCatalogue::default());
        let token = IdToken::new(&issuer(), &grant, Beside { user: about, ..Beside::default() }, seconds(600), NOW);
        assert_eq!(serde_json::to_string(&token).unwrap().matches("\"sub\"").count(), 1, "no member twice");
    }

    #[test]
    fn a_hint_is_read_with_or_without_its_session() {
        let claims = made(&grant(&session(NOW)), None, NOW);
        let hint: Hint = serde_json::from_value(Value::Object(claims.clone())).unwrap();
        assert_eq!(hint.sid.as_deref(), claims.get("sid").and_then(Value::as_str));
        let old: Hint =
            serde_json::from_value(json!({"iss": "i", "sub": "s", "aud": "a", "iat": 1, "exp": 2})).unwrap();
        assert_eq!(old.sid, None);
    }
}
