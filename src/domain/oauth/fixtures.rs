//! What the tests of the rules have in common: one client of each kind, one person, one sign-in, one grant.

use std::collections::BTreeSet;
use std::sync::LazyLock;
use std::time::Duration;

use super::client::{AuthMethod, Client, ClientId, GrantType, Metadata, TokenFormat};
use super::error::{ErrorCode, Refusal};
use super::grant::Grant;
use super::params::Params;
use crate::domain::account::profile::Profile;
use crate::domain::account::user::{Status, User};
use crate::domain::factor::class::class_of;
use crate::domain::oauth::authorize::request::AuthorizationRequest;
use crate::domain::oauth::authorize::response_mode::ResponseMode;
use crate::domain::oauth::authorize::response_type::ResponseType;
use crate::domain::oauth::state_machine::Moment;
use crate::domain::oauth::token::claim_catalogue::ClaimCatalogue;
use crate::domain::oauth::token::claims::ClaimsRequest;
use crate::domain::oauth::token::resource::{Resource, Resources};
use crate::domain::oauth::token::scope::Scope;
use crate::domain::oauth::token::target::Targets;
use crate::domain::sign_in::session::Session;
use crate::foundation::{
    Clock, Random, SecretHash, Timestamp,
    id::{GrantId, UserId},
    url::Issuer,
};

/// RFC 7636, appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

pub(crate) const ORDERS: &str = "https://api.example/orders";
pub(crate) const BILLS: &str = "urn:example:bills";

pub(crate) const REDIRECT: &str = "https://app.example/cb";

/// The time at which the tests take place.
pub(crate) const NOW: Timestamp = Timestamp::from_secs(1_000_000);

/// `ours`, and what the machine's clock says meanwhile.
pub(crate) fn moment(ours: Timestamp) -> Moment {
    Moment { ours, theirs: Clock::System.now() }
}

pub(crate) const MICROSECOND: Duration = Duration::from_micros(1);

pub(crate) fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

pub(crate) fn issuer() -> Issuer {
    Issuer::parse("https://id.example").unwrap()
}

pub(crate) fn scope(text: &str) -> Scope {
    text.parse().unwrap()
}

pub(crate) fn params(encoded: &str) -> Params {
    Params::parse(encoded.as_bytes()).unwrap()
}

/// Parameters from pairs that are not yet encoded.
pub(crate) fn form(pairs: &[(&str, &str)]) -> Params {
    params(&form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish())
}

/// A confidential web application with every grant that is about people.
pub(crate) fn client() -> Client {
    Client {
        id: ClientId::new("web"),
        name: "Web".into(),
        enabled: true,
        secret_hash: Some(SecretHash::of("secret")),
        sealed_secret: None,
        metadata: Metadata {
            redirect_uris: vec![REDIRECT.into()],
            post_logout_redirect_uris: vec!["https://app.example/bye".into()],
            grant_types: BTreeSet::from([GrantType::AuthorizationCode, GrantType::RefreshToken]),
            scope: scope("openid profile email offline_access"),
            ..Metadata::default()
        },
        registered_itself: false,
        created_at: NOW,
        updated_at: NOW,
    }
}

/// A public application: it has no secret.
pub(crate) fn public() -> Client {
    let mut client = client();
    client.id = ClientId::new("native");
    client.secret_hash = None;
    client.metadata.token_endpoint_auth_method = AuthMethod::None;
    client
}

pub(crate) fn user(id: UserId) -> User {
    User {
        id,
        status: Status::Active,
        username: Some("alice".into()),
        email: Some("alice@example.com".into()),
        email_verified: true,
        administrator: false,
        profile: Profile::parse(serde_json::json!({"name": "Alice Liddell"})).unwrap(),
        password_hash: None,
        second_factor: false,
        delete_at: None,
        second_factor_from: None,
        created_at: NOW,
        updated_at: NOW,
    }
}

/// The standard claims and these, each with the scope that releases it.
pub(crate) fn catalogue(custom: &[(&str, &str)]) -> ClaimCatalogue {
    let owned = |(name, scope): &(&str, &str)| ((*name).to_owned(), (*scope).to_owned());
    ClaimCatalogue::new(&custom.iter().map(owned).collect()).unwrap()
}

/// A sign-in at `start`.
pub(crate) fn session(start: Timestamp) -> Session {
    crate::domain::sign_in::session::tests::session(start)
}

/// A grant to [`client`] by the user of `session`, made [`NOW`], good for an hour.
pub(crate) fn grant(session: &Session) -> Grant {
    Grant {
        id: GrantId::generate(&Random::seeded(5), NOW),
        client: client().id,
        user: session.user,
        pairwise_sub: None,
        session: Some(session.id),
        offline: false,
        scope: scope("openid email"),
        resources: Vec::new(),
        claims: ClaimsRequest::default(),
        authenticated_at: session.authenticated_at,
        methods: session.proofs.amr(),
        acr: class_of(&session.proofs).map(|class| class.as_str().to_owned()),
        created_at: NOW,
        expires_at: NOW.after(seconds(3600)),
        revoked_at: None,
    }
}

/// The simplest request of [`client`].
pub(crate) fn request() -> AuthorizationRequest {
    AuthorizationRequest {
        client: client().id,
        redirect_uri: REDIRECT.into(),
        response_type: ResponseType::Code,
        response_mode: ResponseMode::Query,
        state: None,
        scope: scope("openid"),
        resources: Vec::new(),
        nonce: None,
        challenge: None,
        prompt: BTreeSet::new(),
        max_age: None,
        login_hint: None,
        idp_hint: None,
        ui_locales: None,
        subject: None,
        claims: ClaimsRequest::default(),
        pushed: None,
    }
}

/// This client, where there are two APIs: that of orders, and that of bills, whose tokens are opaque and short-lived.
pub(crate) fn targets(client: &Client) -> Targets<'_> {
    static RESOURCES: LazyLock<Resources> = LazyLock::new(|| {
        let resource = |identifier: &str, scopes, access_token_format, access_token_lifetime| Resource {
            identifier: identifier.into(),
            name: identifier.into(),
            scopes: scope(scopes),
            access_token_format,
            access_token_lifetime,
        };
        let orders = resource(ORDERS, "orders:read orders:write", None, None);
        let bills = resource(BILLS, "bills:read", Some(TokenFormat::Opaque), Some(seconds(60)));
        Resources::new("https://id.example", vec![orders, bills], &catalogue(&[("floor", "hr")])).unwrap()
    });
    static ISSUER: LazyLock<Issuer> = LazyLock::new(issuer);
    Targets { resources: &RESOURCES, issuer: &ISSUER, client }
}

/// The code of a refusal; `None` when there was none.
pub(crate) fn code_of<T>(result: &Result<T, Refusal>) -> Option<ErrorCode> {
    result.as_ref().err().map(|refusal| refusal.code)
}

/// Whether a text may stand in `error_description` (RFC 6749 §5.2).
pub(crate) fn is_sendable(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| matches!(byte, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e))
}
