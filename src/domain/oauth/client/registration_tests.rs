//! Tests of the rules of registration.

use std::time::Duration;

use super::*;
use crate::crypto::Algorithm;
use crate::crypto::jwe::KeyManagements;
use crate::domain::oauth::authorize::response_type::ResponseType;
use crate::domain::oauth::client::changes::{Authentication, Changes};
use crate::domain::oauth::client::redirect_registration::UriRefused;
use crate::domain::oauth::fixtures::{catalogue, client, scope, seconds};
use crate::domain::oauth::profile::{Legacy, Profile};
use crate::domain::oauth::token::lifetimes::LifetimeError;

const USUAL: TokenLifetimes = lifetimes(600);
const MOST: TokenLifetimes = lifetimes(86_400);

const fn lifetimes(secs: u64) -> TokenLifetimes {
    let life = Duration::from_secs(secs);
    TokenLifetimes { access_token: life, id_token: life, refresh_token_idle: life, refresh_token_absolute: life }
}

fn checked(metadata: &Metadata, extra: &str) -> Result<(), RegistrationError> {
    checked_by(Rules::default(), metadata, extra)
}

fn checked_by(rules: Rules, metadata: &Metadata, extra: &str) -> Result<(), RegistrationError> {
    let (extra, upstream_scopes) = (scope(extra), scope("upstream:google"));
    let catalogue = catalogue(&[("department", "hr")]);
    let bounds = Bounds {
        extra_scopes: &extra,
        upstream_scopes: &upstream_scopes,
        resources: &Resources::default(),
        catalogue: &catalogue,
        algorithms: Algorithms::ALWAYS,
        rules,
        encryption: KeyManagements::default(),
        usual: &USUAL,
        most: &MOST,
    };
    check("App", metadata, &bounds)
}

fn changed(changes: Changes) -> Metadata {
    let Client { mut name, mut metadata, .. } = client();
    changes.apply(&mut name, &mut metadata);
    complete(&mut name, &mut metadata);
    metadata
}

#[test]
fn no_change_changes_nothing() {
    assert_eq!(changed(Changes::default()), client().metadata);
}

#[test]
fn a_list_is_replaced_and_an_empty_one_takes_the_usual_value() {
    let metadata = changed(Changes {
        redirect_uris: Some(vec!["https://new.example/cb".into()]),
        grant_types: Some(BTreeSet::new()),
        scope: Some(Scope::empty()),
        ..Changes::default()
    });
    assert_eq!(metadata.redirect_uris, ["https://new.example/cb"]);
    assert_eq!(metadata.grant_types, BTreeSet::from([GrantType::AuthorizationCode, GrantType::RefreshToken]));
    assert_eq!(metadata.scope, STANDARD.into_iter().chain(["groups"]).collect());
}

#[test]
fn a_value_can_be_taken_away() {
    let mut before = client().metadata;
    before.logo_uri = Some("https://app.example/logo.png".into());
    before.lifetimes.id_token = Some(seconds(5));
    let changes = Changes { logo_uri: Some(None), id_token_lifetime: Some(None), ..Changes::default() };
    changes.apply(&mut String::new(), &mut before);
    assert_eq!(before, client().metadata);
}

#[test]
fn naming_a_method_ends_the_choice_between_header_and_body() {
    let any = changed(Changes { authentication: Some(Authentication::AnySecret), ..Changes::default() });
    assert!(any.secret_in_header_or_body && any.token_endpoint_auth_method == AuthMethod::ClientSecretBasic);
    let mut only = any;
    let authentication = Some(Authentication::Only(AuthMethod::ClientSecretPost));
    Changes { authentication, ..Changes::default() }.apply(&mut String::new(), &mut only);
    assert!(!only.secret_in_header_or_body && only.token_endpoint_auth_method == AuthMethod::ClientSecretPost);
}

#[test]
fn the_whole_is_checked_after_a_change() {
    let public = Some(Authentication::Only(AuthMethod::None));
    let at = |uri: &str, why| RegistrationError::RedirectUri { uri: uri.into(), why };
    let too_long = LifetimeError::Bounds("ID tokens", 86_400, "id_token_max", 86_401);
    for (changes, refusal) in [
        (Changes { redirect_uris: Some(vec![]), ..Changes::default() }, RegistrationError::NowhereForCodes),
        (
            Changes { redirect_uris: Some(vec!["http://app.example/".into()]), ..Changes::default() },
            at("http://app.example/", UriRefused::Insecure),
        ),
        (
            Changes { post_logout_redirect_uris: Some(vec!["javascript:1".into()]), ..Changes::default() },
            at("javascript:1", UriRefused::Scheme),
        ),
        (
            Changes { logo_uri: Some(Some("data:x".into())), ..Changes::default() },
            RegistrationError::Link { uri: "data:x".into() },
        ),
        (
            Changes {
                grant_types: Some([GrantType::AuthorizationCode, GrantType::ClientCredentials].into()),
                authentication: public,
                ..Changes::default()
            },
            RegistrationError::MachineWithoutSecret,
        ),
        (
            Changes { grant_types: Some([GrantType::RefreshToken].into()), ..Changes::default() },
            RegistrationError::RefreshWithoutCode,
        ),
        (
            Changes { id_token_lifetime: Some(Some(seconds(86_401))), ..Changes::default() },
            RegistrationError::Lifetime(too_long),
        ),
        (
            Changes { scope: Some(scope("openid other")), ..Changes::default() },
            RegistrationError::Scope { scope: scope("other") },
        ),
    ] {
        assert_eq!(checked(&changed(changes.clone()), "orders"), Err(refusal), "{changes:?}");
    }
    assert_eq!(checked(&client().metadata, "orders"), Ok(()));
    let releasing = Changes { scope: Some(scope("openid groups hr orders")), ..Changes::default() };
    assert_eq!(checked(&changed(releasing), "orders"), Ok(()), "the scopes that release claims exist, too");
    assert_eq!(checked(&changed(Changes { scope: Some(scope("openid other")), ..Changes::default() }), ""), Ok(()));
}

#[test]
fn changes_from_two_places_go_together_unless_both_are_about_one_field() {
    let named = Changes { name: Some("A".into()), first_party: Some(true), ..Changes::default() };
    let linked = Changes { logo_uri: Some(None), ..Changes::default() };
    let both = Changes { logo_uri: Some(None), ..named.clone() };
    assert_eq!(named.clone().and(linked.clone()), Ok(both.clone()));
    assert_eq!(linked.and(named.clone()), Ok(both.clone()));
    // Naming a field twice is refused even if the values are equal.
    assert_eq!(named.clone().and(Changes { name: Some("A".into()), ..Changes::default() }), Err("client_name"));
    assert_eq!(both.and(Changes { logo_uri: Some(None), ..Changes::default() }), Err("logo_uri"));
}

#[test]
fn a_scope_of_a_providers_tokens_is_one_of_a_provider_whose_tokens_are_kept() {
    let with = |text: &str| Metadata { scope: scope(text), ..client().metadata };
    for extra in ["", "reports:read"] {
        assert_eq!(checked(&with("openid upstream:google"), extra), Ok(()), "{extra}");
        let refused = RegistrationError::UpstreamScope { scope: scope("upstream:github") };
        assert_eq!(checked(&with("openid upstream:github upstream:google"), extra), Err(refused), "{extra}");
    }
    let mut unsaid = Metadata { scope: Scope::empty(), ..client().metadata };
    complete(&mut "App".to_owned(), &mut unsaid);
    assert!(unsaid.scope.of_upstream().is_empty(), "nobody has it without being registered for it by name");
}

#[test]
fn what_the_rules_take_away_is_not_registered() {
    let hybrid = changed(Changes {
        grant_types: Some([GrantType::AuthorizationCode, GrantType::Implicit].into()),
        response_types: Some([ResponseType::Code, ResponseType::CodeIdToken].into()),
        ..Changes::default()
    });
    let strict = Rules { profile: Profile::OAuth21, only_code: false };
    let codes = Rules { only_code: true, ..Rules::default() };
    assert_eq!(checked(&hybrid, ""), Ok(()));
    for rules in [strict, codes] {
        let refused = RegistrationError::Excluded(rules.excluded(Legacy::TokensInAnswers).unwrap());
        assert_eq!(checked_by(rules, &hybrid, ""), Err(refused));
        assert_eq!(checked_by(rules, &client().metadata, ""), Ok(()));
    }
    let before = Client { metadata: hybrid, ..client() };
    assert_eq!(warnings(&before, Rules::default()), [""; 0]);
    let warned = warnings(&before, strict).join("");
    assert!(warned.contains("oauth.profile = oauth-2.1") && warned.contains("is refused"), "{warned}");
}

#[test]
fn a_client_needs_a_name() {
    let none = Scope::empty();
    let catalogue = catalogue(&[]);
    let bounds = Bounds {
        extra_scopes: &none,
        upstream_scopes: &none,
        resources: &Resources::default(),
        catalogue: &catalogue,
        algorithms: Algorithms::ALWAYS,
        rules: Rules::default(),
        encryption: KeyManagements::default(),
        usual: &USUAL,
        most: &MOST,
    };
    for bad in ["", "a\nb", &*"a".repeat(201)] {
        let refused = check(bad, &client().metadata, &bounds);
        assert_eq!(refused, Err(RegistrationError::Name { name: bad.to_owned(), most: 200 }));
    }
}

#[test]
fn a_secret_from_elsewhere_has_to_be_long_and_look_random() {
    let check = |text: &str| check_secret(&SecretString::new(text.to_owned()));
    let (short, long) = (SecretRefused::Short(32), SecretRefused::Long(256));
    for good in [
        "UBntmLjC2yYCeHwsyj73Uwo9TAaecAetRwMw0xYcvNL9yRdLSUi0hUAHfvCHFeFh",
        "4OGl4vXMm6dW5xrfdK504rl20YKzr4tzsiL5IPZUHM4=",
        "8f14e45fceea167a5a36dedd4bea2543",
        "kX9#vQ2!mZ7&pL4@wR8$tY6%uN3^jH5*",
    ] {
        assert_eq!(check(good), Ok(()), "{good}");
    }
    for (bad, why) in [
        ("", short),
        ("8f14e45fceea167a5a36dedd4bea254", short),
        ("8f14e45fceea167a5a36dedd4bea2543\n", SecretRefused::Character),
        ("8f14e45fceea167a 5a36dedd4bea2543", SecretRefused::Character),
        ("8f14e45fceea167a5a36dedd4bea254\u{e9}", SecretRefused::Character),
        (&*"a".repeat(40), SecretRefused::Guessable),
        (&*"abcdefghij".repeat(4), SecretRefused::Guessable),
        (&*"0123456789abcdef".repeat(2), SecretRefused::Guessable),
        (&*"8f14e45fceea167a5a36dedd4bea2543".repeat(9), long),
    ] {
        assert_eq!(check(bad), Err(why), "{bad}");
    }
}

#[test]
fn only_a_first_party_client_may_act_on_peoples_accounts() {
    let of_account = Changes { scope: Some(scope("openid account account:write")), ..Changes::default() };
    let refused = RegistrationError::FirstPartyScope { scope: scope("account account:write") };
    assert_eq!(checked(&changed(of_account.clone()), "orders"), Err(refused));
    let own = Changes { first_party: Some(true), ..of_account };
    assert_eq!(checked(&changed(own), "orders"), Ok(()), "beside the operator's own scopes, without being listed");
    let grants = Some([GrantType::ClientCredentials].into());
    let machine = Changes { grant_types: grants, scope: Some(scope("account")), ..Changes::default() };
    assert_eq!(checked(&changed(machine), ""), Ok(()), "for a machine it is a scope of its own services");
}

#[test]
fn what_there_is_no_key_for_is_not_promised() {
    let mut metadata = client().metadata;
    metadata.id_token_signed_response_alg = Algorithm::Ps256;
    let refused = |field, algorithm| {
        let available = Algorithms::ALWAYS;
        Err(RegistrationError::Algorithm { field, algorithm, available })
    };
    assert_eq!(checked(&metadata, ""), refused("id_token_signed_response_alg", Algorithm::Ps256));
    metadata.id_token_signed_response_alg = Algorithm::Es256;
    assert_eq!(checked(&metadata, ""), Ok(()));
    metadata.access_token_signed_response_alg = Algorithm::EdDsa;
    assert_eq!(checked(&metadata, ""), refused("access_token_signed_response_alg", Algorithm::EdDsa));
}

#[test]
fn a_first_party_client_that_registered_itself_has_a_warning() {
    let of = |registered_itself: bool, first_party: bool| {
        let metadata = Metadata { first_party, ..client().metadata };
        let warnings = warnings(&Client { registered_itself, metadata, ..client() }, Rules::default());
        warnings.iter().any(|warning| warning == REGISTERED_ITSELF)
    };
    assert_eq!([of(true, true), of(true, false), of(false, true)], [true, false, false]);
}
