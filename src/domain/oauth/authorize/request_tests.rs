//! The tests of `request.rs`.

use super::*;
use crate::domain::oauth::fixtures::{
    CHALLENGE, REDIRECT, client, code_of, form, is_sendable, params, public, scope as set, targets,
};
use crate::domain::oauth::profile::Profile;
use crate::domain::oauth::state_machine::authorization::Agreeing;

const RULES: Rules = Rules { profile: Profile::Compatible, only_code: false };
const STRICT: Rules = Rules { profile: Profile::OAuth21, only_code: false };

/// What every request here has, before one thing is changed.
const PLAIN: [(&str, &str); 4] =
    [("client_id", "web"), ("redirect_uri", REDIRECT), ("response_type", "code"), ("scope", "openid email")];

/// [`PLAIN`] with some parameters replaced or added; one that is empty counts as omitted.
fn with(changes: &[(&str, &str)]) -> Params {
    let kept = PLAIN.into_iter().filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    form(&kept.chain(changes.iter().copied()).collect::<Vec<_>>())
}

fn checked_for(client: &Client, params: &Params) -> Result<AuthorizationRequest, Refusal> {
    let redirect = VerifiedRedirect::prove(client, Some(REDIRECT), RULES).unwrap();
    check(params, targets(client), &redirect, None, RULES)
}

fn checked(changes: &[(&str, &str)]) -> Result<AuthorizationRequest, Refusal> {
    checked_for(&client(), &with(changes))
}

#[test]
fn the_simplest_request_is_accepted_with_its_defaults() {
    let request = checked(&[]).unwrap();
    assert_eq!(
        request,
        AuthorizationRequest { scope: set("openid email"), ..crate::domain::oauth::fixtures::request() }
    );
}

#[test]
fn every_parameter_is_kept_as_it_was_sent() {
    let state = "a b&c=d#é-._~\"<>";
    let request = checked(&[
        ("response_mode", "form_post"),
        ("state", state),
        ("nonce", "n+1"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("prompt", "login consent"),
        ("max_age", "3600"),
        ("login_hint", "alice"),
        ("claims", r#"{"userinfo":{"name":null}}"#),
    ])
    .unwrap();
    assert_eq!(request.response_mode, ResponseMode::FormPost);
    assert_eq!(request.state.as_deref(), Some(state));
    assert_eq!(request.nonce.as_deref(), Some("n+1"));
    assert_eq!(request.challenge.map(|challenge| challenge.as_str().to_owned()).as_deref(), Some(CHALLENGE));
    assert_eq!(request.prompt, BTreeSet::from([Prompt::Login, Prompt::Consent]));
    assert_eq!(request.max_age, Some(3600));
    assert_eq!(request.login_hint.as_deref(), Some("alice"));
    assert!(request.claims.userinfo.contains_key("name"));
}

#[test]
fn a_wrong_parameter_has_its_own_error() {
    use ErrorCode::{
        InvalidRequest, InvalidScope, RegistrationNotSupported, RequestNotSupported, RequestUriNotSupported,
        UnauthorizedClient, UnsupportedResponseType,
    };
    let flood = "a ".repeat(65);
    let huge = "x".repeat(2049);
    let claims = format!(r#"{{"userinfo":{{"{}":null}}}}"#, "x".repeat(4096));
    let cases: [(&[(&str, &str)], ErrorCode); 29] = [
        (&[("response_type", "")], InvalidRequest),
        (&[("response_type", "token")], UnsupportedResponseType),
        (&[("response_type", "code id_token")], UnauthorizedClient),
        (&[("response_type", "Code")], UnsupportedResponseType),
        (&[("scope", "")], InvalidScope),
        (&[("scope", " ")], InvalidScope),
        (&[("scope", "phone unknown")], InvalidScope),
        (&[("scope", "open\\id")], InvalidScope),
        (&[("scope", &flood)], InvalidScope),
        (&[("response_mode", "web_message")], InvalidRequest),
        (&[("response_mode", "form.jwt")], InvalidRequest),
        (&[("state", &huge)], InvalidRequest),
        (&[("state", "a\r\nb")], InvalidRequest),
        (&[("nonce", &huge)], InvalidRequest),
        (&[("nonce", "a\u{7f}")], InvalidRequest),
        (&[("prompt", "sing")], InvalidRequest),
        (&[("prompt", "Login")], InvalidRequest),
        (&[("prompt", "login\tconsent")], InvalidRequest),
        (&[("prompt", "none login")], InvalidRequest),
        (&[("prompt", "consent none select_account")], InvalidRequest),
        (&[("claims", "1")], InvalidRequest),
        (&[("claims", &claims)], InvalidRequest),
        (&[("code_challenge", CHALLENGE)], InvalidRequest),
        (&[("code_challenge", CHALLENGE), ("code_challenge_method", "plain")], InvalidRequest),
        (&[("code_challenge_method", "S256")], InvalidRequest),
        (&[("request", "e30.e30.")], RequestNotSupported),
        (&[("request_uri", "https://app.example/r")], RequestUriNotSupported),
        (&[("registration", "{}")], RegistrationNotSupported),
        (&[("request", "x"), ("response_type", "nonsense")], RequestNotSupported),
    ];
    for (changes, expected) in cases {
        let refusal = checked(changes).unwrap_err();
        assert_eq!(refusal.code, expected, "{changes:?}");
        assert!(is_sendable(refusal.description), "{:?}", refusal.description);
    }
}

#[test]
fn a_repeated_parameter_is_refused_known_or_not() {
    for name in ["state", "scope", "response_type", "nonce", "prompt", "response_mode", "code_challenge", "foo"] {
        let query = format!("response_type=code&scope=openid&{name}=a&{name}=a");
        let refusal = checked_for(&client(), &params(&query)).unwrap_err();
        assert_eq!(refusal.code, ErrorCode::InvalidRequest, "{name}");
    }
}

#[test]
fn what_nobody_knows_is_ignored() {
    let more = [("extra", "foobar"), ("display", "popup"), ("claims_locales", "se")];
    assert_eq!(checked(&more), checked(&[]));
    assert_eq!(checked(&[("acr_values", "1 2")]), checked(&[]));
    assert_eq!(checked(&[("login_hint", &"x".repeat(255))]), checked(&[]), "too long for any account");
    let tags = |sent: &str| checked(&[("ui_locales", sent)]).unwrap().ui_locales;
    assert_eq!(tags("fr-CA de").as_deref(), Some("fr-CA de"));
    assert_eq!((tags("de\"<"), tags(&"de ".repeat(40))), (None, None), "no list of tags, or no person's");
}

#[test]
fn parameters_at_their_longest_pass() {
    let long = "x".repeat(2048);
    let request = checked(&[("state", &long), ("nonce", &long)]).unwrap();
    assert_eq!((request.state.as_ref(), request.nonce.as_ref()), (Some(&long), Some(&long)));
    let hint = "x".repeat(254);
    assert_eq!(checked(&[("login_hint", &hint)]).unwrap().login_hint, Some(hint));
}

#[test]
fn prompts_are_words_in_any_order_and_number() {
    use Prompt::{Consent, Login, None, SelectAccount};
    let cases: [(&str, &[Prompt]); 6] = [
        ("none", &[None]),
        ("login", &[Login]),
        ("select_account consent login", &[Login, Consent, SelectAccount]),
        ("  login   consent ", &[Login, Consent]),
        ("login login", &[Login]),
        (" ", &[]),
    ];
    for (text, expected) in cases {
        assert_eq!(checked(&[("prompt", text)]).unwrap().prompt, expected.iter().copied().collect(), "{text:?}");
    }
}

#[test]
fn max_age_is_a_whole_number_of_seconds() {
    let max_age = |text: &str| checked(&[("max_age", text)]).map(|request| request.max_age).map_err(|r| r.code);
    for (text, expected) in [("", None), ("0", Some(0)), ("007", Some(7)), ("4294967295", Some(4_294_967_295))] {
        assert_eq!(max_age(text), Ok(expected), "{text:?}");
    }
    for bad in ["-1", "+1", "1.5", "1e3", " 1", "1 ", "x", "4294967296", "٣"] {
        assert_eq!(max_age(bad), Err(ErrorCode::InvalidRequest), "{bad:?}");
    }
}

#[test]
fn every_response_mode_that_is_published_is_accepted() {
    for mode in ResponseMode::ALL {
        assert_eq!(checked(&[("response_mode", mode.as_str())]).unwrap().response_mode, mode);
    }
}

#[test]
fn an_error_travels_as_the_request_wishes_if_that_can_be_told() {
    for (query, expected) in [
        ("", ResponseMode::Query),
        ("response_mode=fragment", ResponseMode::Fragment),
        ("response_mode=form_post", ResponseMode::FormPost),
        ("response_mode=web_message", ResponseMode::Query),
        ("response_mode=fragment&response_mode=fragment", ResponseMode::Query),
    ] {
        assert_eq!(response_mode(&params(query)), expected, "{query}");
    }
}

#[test]
fn scopes_that_the_client_may_not_have_are_left_out() {
    let scope = |text: &str| checked(&[("scope", text)]).unwrap().scope;
    assert_eq!(scope("email openid"), set("openid email"), "in any order");
    assert_eq!(scope("openid phone unknown:x"), set("openid"));
    assert_eq!(scope("openid offline_access"), set("openid offline_access"));
}

#[test]
fn offline_access_is_no_empty_promise() {
    let mut client = client();
    client.metadata.grant_types.remove(&GrantType::RefreshToken);
    let scope = |text: &str| checked_for(&client, &with(&[("scope", text)])).map(|request| request.scope);
    assert_eq!(scope("openid offline_access"), Ok(set("openid")));
    assert_eq!(code_of(&scope("offline_access")), Some(ErrorCode::InvalidScope), "nothing is left");
}

#[test]
fn a_client_without_the_grant_is_unauthorized() {
    let mut client = client();
    client.metadata.grant_types = BTreeSet::from([GrantType::RefreshToken, GrantType::ClientCredentials]);
    let refused = checked_for(&client, &with(&[]));
    assert_eq!(code_of(&refused), Some(ErrorCode::UnauthorizedClient));
}

#[test]
fn a_public_client_must_use_pkce() {
    assert_eq!(code_of(&checked_for(&public(), &with(&[]))), Some(ErrorCode::InvalidRequest));
    let pkce = with(&[("code_challenge", CHALLENGE), ("code_challenge_method", "S256")]);
    assert!(checked_for(&public(), &pkce).unwrap().challenge.is_some());
}

#[test]
fn the_hint_and_the_claims_parameter_must_name_the_same_user() {
    let hinted = |hint: Option<Result<&str, Refusal>>, claims: &str| {
        let client = client();
        let redirect = VerifiedRedirect::prove(&client, Some(REDIRECT), RULES).unwrap();
        let hint = hint.map(|hint| hint.map(str::to_owned));
        check(&with(&[("claims", claims)]), targets(&client), &redirect, hint, RULES)
            .map(|request| request.subject)
            .map_err(|r| r.code)
    };
    let alice = r#"{"id_token":{"sub":{"value":"alice"}}}"#;
    assert_eq!(hinted(None, ""), Ok(None));
    assert_eq!(hinted(Some(Ok("alice")), ""), Ok(Some("alice".into())));
    assert_eq!(hinted(None, alice), Ok(Some("alice".into())));
    assert_eq!(hinted(Some(Ok("alice")), alice), Ok(Some("alice".into())));
    assert_eq!(hinted(Some(Ok("bob")), alice), Err(ErrorCode::InvalidRequest));
    let bad = Refusal::new(ErrorCode::InvalidRequest, "The hint is bad.");
    assert_eq!(hinted(Some(Err(bad)), ""), Err(ErrorCode::InvalidRequest));
}

#[test]
fn nothing_is_redirected_before_the_client_and_its_uri_are_proven() {
    let id = ClientId::new("web");
    let prove = |client: Option<&Client>, query: &str| prove(client, &id, &params(query), RULES).map_err(|r| r.code);
    let known = client();
    let registered = "redirect_uri=https://app.example/cb";
    assert_eq!(prove(Some(&known), registered).unwrap().as_str(), REDIRECT);
    assert_eq!(prove(None, registered), Err(ErrorCode::InvalidClient));
    let disabled = Client { enabled: false, ..client() };
    assert_eq!(prove(Some(&disabled), registered), Err(ErrorCode::InvalidClient));
    for query in
        ["", "redirect_uri=", "redirect_uri=https://app.example/cb?foo=bar", "redirect_uri=HTTPS://app.example/cb"]
    {
        assert_eq!(prove(Some(&known), query), Err(ErrorCode::InvalidRequest), "{query:?}");
    }
}

#[test]
fn the_client_id_is_sent_once() {
    assert_eq!(client_id(&params("client_id=web&redirect_uri=x")), Ok(ClientId::new("web")));
    for query in ["", "client_id=", "client_id=a&client_id=a", "client_id=a&redirect_uri=x&redirect_uri=x"] {
        assert_eq!(code_of(&client_id(&params(query))), Some(ErrorCode::InvalidRequest), "{query:?}");
    }
}

#[test]
fn a_request_survives_its_time_in_the_database() {
    let request = checked(&[
        ("prompt", "select_account"),
        ("response_mode", "form_post"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("claims", r#"{"id_token":{"acr":{"essential":true,"values":["a"]},"name":null}}"#),
    ])
    .unwrap();
    let json = serde_json::to_string(&request).unwrap();
    assert_eq!(serde_json::from_str::<AuthorizationRequest>(&json).unwrap(), request);
}

#[test]
fn what_is_on_its_way_is_checked_against_the_client_as_it_is_now() {
    let request = || checked(&[("scope", "openid email offline_access")]).unwrap();
    assert_eq!(check_again(request(), targets(&client()), RULES), Ok(request()));
    let changed = |change: fn(&mut Client)| {
        let mut client = client();
        change(&mut client);
        check_again(request(), targets(&client), RULES).map(|request| request.scope).map_err(|refusal| refusal.code)
    };
    assert_eq!(changed(|client| client.metadata.scope = set("openid profile")), Ok(set("openid")));
    assert_eq!(changed(|client| client.metadata.scope = set("profile")), Err(ErrorCode::InvalidScope));
    let code_only = |client: &mut Client| client.metadata.grant_types = [GrantType::AuthorizationCode].into();
    assert_eq!(changed(code_only), Ok(set("openid email")));
    let no_codes = |client: &mut Client| client.metadata.grant_types = [GrantType::ClientCredentials].into();
    assert_eq!(changed(no_codes), Err(ErrorCode::UnauthorizedClient));
    assert_eq!(
        check_again(request(), targets(&public()), RULES).map_err(|refusal| refusal.code),
        Err(ErrorCode::InvalidRequest)
    );
}

#[test]
fn the_profile_demands_pkce_of_every_client_and_says_so() {
    let redirect = VerifiedRedirect::prove(&client(), Some(REDIRECT), STRICT).unwrap();
    let refused = check(&with(&[]), targets(&client()), &redirect, None, STRICT).unwrap_err();
    assert_eq!((refused.code, refused.kind), (ErrorCode::InvalidRequest, Kind::Profile));
    assert!(refused.description.contains("oauth-2.1"), "{}", refused.description);
    let waiting = checked(&[]).unwrap();
    assert_eq!(
        check_again(waiting, targets(&client()), STRICT).unwrap_err().kind,
        Kind::Profile,
        "one that was waiting"
    );
    let own_fault = check(&with(&[]), targets(&public()), &redirect, None, STRICT).unwrap_err();
    assert_eq!(own_fault.kind, Kind::Pkce, "a public client is to use it anyway");
    let pkce = with(&[("code_challenge", CHALLENGE), ("code_challenge_method", "S256")]);
    assert!(check(&pkce, targets(&client()), &redirect, None, STRICT).is_ok());
}

#[test]
fn plain_is_refused_said_or_unsaid() {
    for method in ["plain", "", "s256", "S512"] {
        let pkce = [("code_challenge", CHALLENGE), ("code_challenge_method", method)];
        for client in [client(), public()] {
            let refusal = checked_for(&client, &with(&pkce)).unwrap_err();
            assert_eq!((refusal.code, refusal.detail.0.len()), (ErrorCode::InvalidRequest, 1), "{method:?}");
        }
    }
}

#[test]
fn a_challenge_has_the_form_of_a_digest() {
    for challenge in ["short", &format!("{CHALLENGE}A"), &CHALLENGE.replace('-', "+")] {
        let refused = checked(&[("code_challenge", challenge), ("code_challenge_method", "S256")]);
        assert_eq!(code_of(&refused), Some(ErrorCode::InvalidRequest), "{challenge}");
    }
    let alone = checked(&[("code_challenge_method", "S256")]);
    assert_eq!(code_of(&alone), Some(ErrorCode::InvalidRequest), "a method without a challenge");
}

#[test]
fn what_oxide_auth_refuses_would_pass_without_it() {
    let plain = [("code_challenge", CHALLENGE), ("code_challenge_method", "plain")];
    let unsaid = [("code_challenge", CHALLENGE)];
    for (what, client, changes) in [
        ("a malformed scope", client(), &[("scope", "openid a\"b")][..]),
        ("no PKCE", public(), &[]),
        ("plain PKCE", client(), &plain),
        ("plain PKCE, unsaid", client(), &unsaid),
    ] {
        assert!(checked_for(&client, &with(changes)).is_err(), "{what}");
        let redirect = VerifiedRedirect::prove(&client, Some(REDIRECT), RULES).unwrap();
        let unguarded = check_by::<Agreeing>(&with(changes), targets(&client), &redirect, None, RULES);
        assert!(unguarded.is_ok(), "{what}: something else refuses it too: {unguarded:?}");
    }
}

#[test]
fn what_oxide_auth_lets_pass_is_refused_beside_it() {
    let long = "a ".repeat(65);
    let long = long.as_str();
    for changes in [
        &[("response_type", "token")][..],
        &[("response_type", "")],
        &[("response_type", "id_token")],
        &[("scope", "")],
        &[("scope", "phone")],
        &[("scope", long)],
        &[("code_challenge_method", "S256")],
        &[("request", "e30.e30.")],
        &[("prompt", "none login")],
    ] {
        let redirect = VerifiedRedirect::prove(&client(), Some(REDIRECT), RULES).unwrap();
        assert!(
            check_by::<Agreeing>(&with(changes), targets(&client()), &redirect, None, RULES).is_err(),
            "{changes:?}"
        );
    }
}
