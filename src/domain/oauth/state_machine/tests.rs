//! Tests that the machines understand what they are shown, and that oxide-auth is as docs/decisions/0028 says: an
//! update that changes it fails here.

use std::sync::LazyLock;
use std::time::Duration;

use oxide_auth::code_grant::refresh::{Input, Output, Request as RefreshRequest};
use oxide_auth::primitives::registrar::IgnoreLocalPortUrl;
use proptest::prelude::*;

use super::*;
use crate::domain::oauth::client::authentication::Authenticated;
use crate::domain::oauth::fixtures::{CHALLENGE, NOW, REDIRECT, VERIFIER, client, moment, public};

static WEB: LazyLock<Authenticated> = LazyLock::new(|| Authenticated::proven(&client()));

#[test]
fn redirect_uris_that_mean_the_same_are_not_the_same() {
    for (one, other) in [
        ("https://app.example/cb", "https://APP.example/cb"),
        ("https://app.example/cb", "https://app.example:443/cb"),
        ("https://app.example/cb", "https://app.example/a/../cb"),
        ("https://app.example/cb", "https://app.example/cb "),
        ("https://app.example/cb", "https://app.example/c%62"),
        ("https://app.example/", "https://app.example"),
        ("https://app.example/a b", "https://app.example/a+b"),
    ] {
        assert_ne!(exact_url(one), exact_url(other), "{one} {other}");
        assert_ne!(registered(one), registered(other), "{one} {other}");
    }
}

proptest! {
    #[test]
    fn any_text_is_shown_and_equals_only_itself(one in ".{0,40}", other in ".{0,40}") {
        let url = exact_url(&one);
        prop_assert_eq!(url.as_str(), exactly(&one), "parsing changes nothing");
        prop_assert_eq!(exact_url(&one) == exact_url(&other), one == other);
    }
}

#[test]
fn an_end_lies_on_the_same_side_of_either_clock() {
    let now = Timestamp::from_secs(1_000_000_000);
    let microsecond = Duration::from_micros(1);
    for (end, over) in [
        (now, true),
        (now.before(microsecond), true),
        (now.after(microsecond), false),
        (now.after(Duration::from_secs(60)), false),
        (now.before(Duration::from_secs(60)), true),
        (Timestamp::from_micros(i64::MAX), false),
        (Timestamp::from_micros(i64::MIN), true),
    ] {
        let theirs = Timestamp::from_secs(1_790_000_000);
        let shown = until(end, Moment { ours: now, theirs });
        let theirs = DateTime::from_timestamp_micros(theirs.as_micros()).unwrap();
        assert_eq!(shown <= theirs, over, "{end}");
        assert_eq!(shown < theirs, over, "{end}");
    }
}

/// A request to redeem the code of [`code`], by a client with a secret.
fn request<'a>(verifier: Option<&'a str>) -> access_token::Request<'a> {
    access_token::Request {
        grant_type: Some("authorization_code"),
        client: &WEB,
        code: Some("code"),
        redirect_uri: Some(REDIRECT),
        verifier,
    }
}

fn code(challenge: Option<&str>) -> access_token::Code<'_> {
    access_token::Code { client: "web", redirect_uri: REDIRECT, challenge, end: None }
}

fn redeem(verifier: Option<&str>, code: Option<access_token::Code<'_>>) -> Result<(), access_token::Refused> {
    access_token::run::<access_token::OxideAuth>(&request(verifier), code.as_ref(), moment(NOW))
}

#[test]
fn oxide_auth_takes_any_verifier_that_fits_and_looks_at_none_without_a_challenge() {
    assert_eq!(redeem(Some(VERIFIER), Some(code(Some(CHALLENGE)))), Ok(()));
    assert_eq!(redeem(None, Some(code(Some(CHALLENGE)))), Err(access_token::Refused::Verifier));
    assert_eq!(redeem(Some(VERIFIER), Some(code(None))), Ok(()), "CVE-2024-23647");
    let digest_of_42_x = "KyVz1eoLNS4kvr0BXz_oNpOluBpiUs-BG2Xc9qUDfe8";
    assert_eq!(redeem(Some(&"x".repeat(42)), Some(code(Some(digest_of_42_x)))), Ok(()));
}

#[test]
fn oxide_auth_refuses_by_kinds_that_are_told_apart() {
    use access_token::Refused;
    assert_eq!(redeem(None, None), Err(Refused::Unknown));
    assert_eq!(redeem(None, Some(access_token::Code { client: "other", ..code(None) })), Err(Refused::NotGood));
    let elsewhere = access_token::Request { redirect_uri: None, ..request(None) };
    let refused = access_token::run::<access_token::OxideAuth>(&elsewhere, Some(&code(None)), moment(NOW));
    assert_eq!(refused, Err(Refused::Incomplete));
}

#[test]
fn a_proof_is_of_one_client() {
    assert!(WEB.proves("web") && !WEB.proves("native") && WEB.by_proof());
    let native = Authenticated::proven(&public());
    assert!(native.proves("native") && !native.by_proof());
    let unproven = Authenticated::unproven(&client());
    assert!(!unproven.proves("web") && unproven.by_proof());
}

#[test]
fn oxide_auth_takes_spaces_for_a_scope_and_has_no_limit() {
    let asked = |scope: &str| {
        let request =
            client_credentials::Request { grant_type: Some("client_credentials"), client: &WEB, scope: Some(scope) };
        let negotiate = |scope: Option<scope::Set>| Ok::<_, ()>(scope.unwrap());
        client_credentials::run::<client_credentials::OxideAuth, _>(&request, negotiate).unwrap().unwrap()
    };
    assert_eq!(asked("  ").iter().count(), 0);
    let words = (0..1000).map(|word| word.to_string()).collect::<Vec<_>>().join(" ");
    assert_eq!(asked(&words).iter().count(), 1000);
}

#[test]
fn oxide_auth_varies_the_port_of_localhost_and_of_no_loopback_address() {
    let same =
        |one: &str, other: &str| IgnoreLocalPortUrl::new(one).unwrap() == IgnoreLocalPortUrl::new(other).unwrap();
    assert!(same("http://localhost:1/cb", "http://localhost:2/cb"));
    assert!(same("http://localhost/cb", "http://LOCALHOST/a/../cb"), "and not byte for byte");
    assert!(!same("http://127.0.0.1:1/cb", "http://127.0.0.1:2/cb"));
}

/// A public client's request to refresh as oxide-auth expects it: without a secret.
struct WithoutSecret;

impl RefreshRequest for WithoutSecret {
    fn valid(&self) -> bool {
        true
    }

    fn refresh_token(&self) -> Option<std::borrow::Cow<'_, str>> {
        Some("token".into())
    }

    fn scope(&self) -> Option<std::borrow::Cow<'_, str>> {
        None
    }

    fn grant_type(&self) -> Option<std::borrow::Cow<'_, str>> {
        Some("refresh_token".into())
    }

    fn authorization(&self) -> Option<(std::borrow::Cow<'_, str>, std::borrow::Cow<'_, [u8]>)> {
        None
    }

    fn extension(&self, _: &str) -> Option<std::borrow::Cow<'_, str>> {
        None
    }
}

#[test]
fn oxide_auth_asks_of_a_public_client_only_whether_the_owner_of_the_token_is_one() {
    let mut machine = refresh::OxideAuth::new(&WithoutSecret);
    assert!(matches!(machine.advance(Input::None), Output::RecoverRefresh { .. }));
    let empty = "".parse().unwrap();
    let token = refresh::Token { client: "owner", scope: &empty, end: None };
    let grant = Some(Box::new(refresh::grant(&token, moment(NOW))));
    let asked = machine.advance(Input::Recovered { scope: None, grant });
    assert!(matches!(asked, Output::Unauthenticated { client: "owner", pass: None }), "{asked:?}");
}
