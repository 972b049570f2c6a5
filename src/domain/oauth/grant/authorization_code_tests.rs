//! The tests of `authorization_code.rs`.

use super::*;
use crate::domain::oauth::fixtures::{
    CHALLENGE, MICROSECOND, NOW, REDIRECT, VERIFIER, client, code_of, form, moment, public, seconds,
};
use crate::domain::oauth::state_machine::access_token::Agreeing;
use crate::foundation::Random;

const CODE: &str = "the-code";

/// By a client that is proven.
fn redeem(
    params: &Params,
    client: &Client,
    code: Option<&AuthorizationCode>,
    now: Timestamp,
) -> Result<Redemption, Refusal> {
    super::redeem(params, &Authenticated::proven(client), code, moment(now))
}

type Expected = Result<Redemption, ErrorCode>;

/// An unused code of `client`, with PKCE or without, good for a minute.
fn issued(client: &Client, pkce: bool) -> AuthorizationCode {
    AuthorizationCode {
        hash: SecretHash::of(CODE),
        grant: GrantId::generate(&Random::seeded(1), NOW),
        client: client.id.clone(),
        redirect_uri: REDIRECT.into(),
        challenge: pkce.then(|| CodeChallenge::from_stored(CHALLENGE.into())),
        nonce: None,
        created_at: NOW,
        expires_at: NOW.after(seconds(60)),
        used_at: None,
        made_by: None,
        used_by: None,
    }
}

/// A token request with the code and whatever else.
fn with(more: &[(&str, &str)]) -> Params {
    form(&[&[("grant_type", "authorization_code"), ("code", CODE)], more].concat())
}

/// Everything that a valid request for a code with PKCE has.
fn valid() -> Params {
    with(&[("redirect_uri", REDIRECT), ("code_verifier", VERIFIER)])
}

fn redeemed(params: &Params, code: &AuthorizationCode, now: Timestamp) -> Result<Redemption, ErrorCode> {
    redeem(params, &client(), Some(code), now).map_err(|refusal| refusal.code)
}

#[test]
fn the_first_valid_request_redeems_a_code() {
    assert_eq!(redeemed(&valid(), &issued(&client(), true), NOW), Ok(Redemption::First));
    let public_code = issued(&public(), true);
    assert_eq!(redeem(&valid(), &public(), Some(&public_code), NOW), Ok(Redemption::First));
}

#[test]
fn a_code_without_text_is_a_malformed_request() {
    assert_eq!(code_of(&presented(&form(&[("code", "")]))), Some(ErrorCode::InvalidRequest));
    assert!(presented(&valid()).unwrap().matches(&SecretHash::of(CODE)));
}

#[test]
fn an_unknown_code_is_refused() {
    assert_eq!(code_of(&redeem(&valid(), &client(), None, NOW)), Some(ErrorCode::InvalidGrant));
}

#[test]
fn another_clients_code_is_refused_used_or_not() {
    let mut code = issued(&public(), true);
    assert_eq!(redeemed(&valid(), &code, NOW), Err(ErrorCode::InvalidGrant), "CVE-2026-55672");
    code.used_at = Some(NOW);
    assert_eq!(redeemed(&valid(), &code, NOW), Err(ErrorCode::InvalidGrant), "a stranger's replay ends nothing");
}

#[test]
fn a_code_expires_at_its_microsecond() {
    let code = issued(&client(), true);
    assert_eq!(redeemed(&valid(), &code, code.expires_at.before(MICROSECOND)), Ok(Redemption::First));
    assert_eq!(redeemed(&valid(), &code, code.expires_at), Err(ErrorCode::InvalidGrant));
    assert_eq!(redeemed(&valid(), &code, code.expires_at.after(seconds(9_999))), Err(ErrorCode::InvalidGrant));
}

#[test]
fn the_redirect_uri_is_the_one_of_the_code_and_only_pkce_makes_it_optional() {
    let verifier = ("code_verifier", VERIFIER);
    let (sent, other) = (("redirect_uri", REDIRECT), ("redirect_uri", "https://app.example/cb/"));
    type Case<'a> = (bool, &'a [(&'a str, &'a str)], Expected);
    let cases: [Case<'_>; 8] = [
        (true, &[sent, verifier], Ok(Redemption::First)),
        (true, &[verifier], Ok(Redemption::First)),
        (true, &[("redirect_uri", ""), verifier], Ok(Redemption::First)),
        (true, &[other, verifier], Err(ErrorCode::InvalidGrant)),
        (false, &[sent], Ok(Redemption::First)),
        (false, &[], Err(ErrorCode::InvalidRequest)),
        (false, &[("redirect_uri", "")], Err(ErrorCode::InvalidRequest)),
        (false, &[other], Err(ErrorCode::InvalidGrant)),
    ];
    for (pkce, more, expected) in cases {
        assert_eq!(redeemed(&with(more), &issued(&client(), pkce), NOW), expected, "PKCE {pkce}: {more:?}");
    }
}

#[test]
fn another_registered_redirect_uri_is_not_the_one_of_the_code() {
    let mut client = client();
    client.metadata.redirect_uris.push("https://app.example/other".into());
    let params = with(&[("redirect_uri", "https://app.example/other"), ("code_verifier", VERIFIER)]);
    let refused = redeem(&params, &client, Some(&issued(&client, true)), NOW);
    assert_eq!(code_of(&refused), Some(ErrorCode::InvalidGrant), "rauthy 989f9ff9");
}

#[test]
fn the_verifier_is_needed_if_and_only_if_there_was_a_challenge() {
    let wrong = VERIFIER.replace('d', "e");
    let cases = [
        (true, Some(VERIFIER), Ok(Redemption::First)),
        (true, Some(wrong.as_str()), Err(ErrorCode::InvalidGrant)),
        (true, Some(CHALLENGE), Err(ErrorCode::InvalidGrant)),
        (true, Some(""), Err(ErrorCode::InvalidGrant)),
        (true, None, Err(ErrorCode::InvalidGrant)),
        (false, Some(VERIFIER), Err(ErrorCode::InvalidGrant)),
        (false, None, Ok(Redemption::First)),
    ];
    for (pkce, verifier, expected) in cases {
        let mut more = vec![("redirect_uri", REDIRECT)];
        more.extend(verifier.map(|verifier| ("code_verifier", verifier)));
        assert_eq!(redeemed(&with(&more), &issued(&client(), pkce), NOW), expected, "PKCE {pkce}: {verifier:?}");
    }
}

#[test]
fn only_a_valid_second_request_is_a_replay() {
    let mut code = issued(&client(), true);
    code.used_at = Some(NOW);
    let (last, first) = (NOW.after(GRACE).before(MICROSECOND), NOW.after(GRACE));
    // Where another process used it, the clocks may differ by a minute and another one is taken off.
    let earliest = NOW.before(seconds(120));
    for (now, expected) in [
        (NOW, Redemption::Repeat),
        (last, Redemption::Repeat),
        (first, Redemption::Replay),
        (earliest, Redemption::Repeat),
        (earliest.before(MICROSECOND), Redemption::Replay),
    ] {
        assert_eq!(redeemed(&valid(), &code, now), Ok(expected), "{now}");
    }
    for invalid in [
        with(&[]),
        with(&[("code_verifier", CHALLENGE)]),
        with(&[("redirect_uri", "https://evil.example/"), ("code_verifier", VERIFIER)]),
    ] {
        assert_eq!(redeemed(&invalid, &code, NOW), Err(ErrorCode::InvalidGrant), "it must not revoke: {invalid:?}");
    }
}

#[test]
fn a_replay_is_seen_for_what_it_is_after_the_code_has_expired() {
    let mut code = issued(&client(), true);
    code.used_at = Some(NOW);
    assert_eq!(redeemed(&valid(), &code, code.expires_at), Ok(Redemption::Replay));
    assert_eq!(redeemed(&with(&[]), &code, code.expires_at), Err(ErrorCode::InvalidGrant), "but for an invalid one");
}

#[test]
fn nothing_of_the_code_is_in_a_refusal() {
    let refusal = redeem(&valid(), &client(), None, NOW).unwrap_err();
    assert!(!format!("{refusal} {}", refusal.detail).contains(CODE));
}

#[test]
fn the_example_of_the_rfc_matches() {
    // RFC 7636, appendix B.
    assert_eq!(VERIFIER, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    assert_eq!(CHALLENGE, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    assert_eq!(redeemed(&valid(), &issued(&client(), true), NOW), Ok(Redemption::First));
}

#[test]
fn a_public_client_redeems_no_code_without_pkce() {
    // It had a secret when it asked for the code.
    let code = AuthorizationCode { client: public().id, ..issued(&client(), false) };
    let refusal = redeem(&with(&[("redirect_uri", REDIRECT)]), &public(), Some(&code), NOW).unwrap_err();
    assert_eq!(refusal.code, ErrorCode::InvalidGrant);
    assert!(refusal.description.contains("PKCE"), "{refusal}");
}

#[test]
fn a_refusal_says_what_was_compared() {
    let why = |params: &Params, code: &AuthorizationCode, now| {
        let refusal = redeem(params, &client(), Some(code), now).unwrap_err();
        format!("{} {}", refusal.description, refusal.detail)
    };
    let code = issued(&client(), true);
    let stranger = AuthorizationCode { client: ClientId::new("other"), ..issued(&client(), true) };
    assert!(why(&valid(), &stranger, NOW).contains("issued to: \"other\""));
    assert!(why(&valid(), &code, code.expires_at).contains("expired at"));
    let elsewhere = with(&[("redirect_uri", "https://app.example/cb/"), ("code_verifier", VERIFIER)]);
    assert!(why(&elsewhere, &code, NOW).contains("first difference"));
    assert!(why(&with(&[("code_verifier", "short")]), &code, NOW).contains("43 to 128"));
    assert!(why(&with(&[]), &issued(&client(), false), NOW).contains("code was sent to"));
}

/// A request that is wrong in one way, and the code that it names.
type Wrong = (&'static str, Params, Authenticated, Option<AuthorizationCode>, Timestamp);

fn wrong() -> [Wrong; 12] {
    let (proven, proven_public) = (Authenticated::proven(&client()), Authenticated::proven(&public()));
    let code = issued(&client(), true);
    let (pkce, plain) = (Some(code.clone()), Some(issued(&client(), false)));
    let others = Some(AuthorizationCode { client: ClientId::new("other"), ..code.clone() });
    let from_when_it_had_a_secret = Some(AuthorizationCode { client: public().id, ..issued(&client(), false) });
    let to = |uri| with(&[("redirect_uri", uri), ("code_verifier", VERIFIER)]);
    let another_verifier = VERIFIER.replace('d', "e");
    let sent = ("redirect_uri", REDIRECT);
    let another_grant = form(&[("grant_type", "password"), ("code", CODE), sent, ("code_verifier", VERIFIER)]);
    [
        ("a wrong secret", valid(), Authenticated::unproven(&client()), pkce.clone(), NOW),
        ("an unknown code", with(&[sent]), proven.clone(), None, NOW),
        ("another client's code", valid(), proven.clone(), others, NOW),
        ("an expired code", valid(), proven.clone(), pkce.clone(), code.expires_at),
        ("another redirect URI", to("https://app.example/other"), proven.clone(), pkce.clone(), NOW),
        ("one that means the same", to("https://APP.example:443/cb"), proven.clone(), pkce.clone(), NOW),
        ("no redirect URI", with(&[]), proven.clone(), plain, NOW),
        ("no verifier", with(&[sent]), proven.clone(), pkce.clone(), NOW),
        ("another verifier", with(&[sent, ("code_verifier", &another_verifier)]), proven.clone(), pkce.clone(), NOW),
        ("no PKCE", with(&[sent]), proven_public, from_when_it_had_a_secret, NOW),
        (
            "no code",
            form(&[("grant_type", "authorization_code"), sent]),
            proven.clone(),
            Some(issued(&client(), false)),
            NOW,
        ),
        ("another grant type", another_grant, proven.clone(), pkce, NOW),
    ]
}

#[test]
fn what_oxide_auth_refuses_would_pass_without_it() {
    for (what, params, client, code, now) in wrong() {
        assert!(super::redeem(&params, &client, code.as_ref(), moment(now)).is_err(), "{what}");
        let unguarded = redeem_by::<Agreeing>(&params, &client, code.as_ref(), moment(now));
        assert_eq!(unguarded, Ok(Redemption::First), "{what}: something else refuses it too");
    }
}

#[test]
fn a_client_that_is_not_proven_is_told_no_more_than_that() {
    let unproven = Authenticated::unproven(&client());
    for code in [None, Some(&issued(&client(), true)), Some(&issued(&public(), true))] {
        let refused = super::redeem(&valid(), &unproven, code, moment(NOW));
        assert_eq!(code_of(&refused), Some(ErrorCode::InvalidClient));
    }
}

#[test]
fn what_oxide_auth_lets_pass_is_refused_beside_it() {
    let refused = |verifier: &str, code: &AuthorizationCode| {
        let params = with(&[("redirect_uri", REDIRECT), ("code_verifier", verifier)]);
        let proven = Authenticated::proven(&client());
        let by_oxide_auth = redeem(&params, &client(), Some(code), NOW);
        assert_eq!(
            by_oxide_auth,
            redeem_by::<Agreeing>(&params, &proven, Some(code), moment(NOW)),
            "it has no part in it"
        );
        by_oxide_auth.unwrap_err().description
    };
    assert!(refused(VERIFIER, &issued(&client(), false)).contains("without a code_challenge"), "CVE-2024-23647");
    // The digest of the verifier: it is too short to be hard to guess (RFC 7636 section 4.1), but fits.
    let weak = CodeChallenge::from_stored("KyVz1eoLNS4kvr0BXz_oNpOluBpiUs-BG2Xc9qUDfe8".into());
    let code = AuthorizationCode { challenge: Some(weak), ..issued(&client(), true) };
    assert!(refused(&"x".repeat(42), &code).contains("43 to 128"));
}
