//! Clients are registered, changed, switched off and on, and deleted.

use latchkey::domain::oauth::client::changes::{Authentication, Changes};
use latchkey::domain::oauth::client::client_id::ClientIdError;
use latchkey::domain::oauth::client::redirect_registration::UriRefused;
use latchkey::domain::oauth::client::registration_error::{RegistrationError, SecretRefused};
use latchkey::domain::oauth::client::{AuthMethod, ClientId, GrantType, Metadata};
use latchkey::domain::oauth::token::scope::Scope;
use latchkey::foundation::SecretString;
use latchkey::services::ServiceError;
use latchkey::services::oauth::client::{Registration, delete, register, rotate_secret, set_enabled, show, update};

use crate::harness::{Client, ISSUER, REDIRECT, Shows, TestApp, operator, seconds};

const SECRET: &str = "UBntmLjC2yYCeHwsyj73Uwo9TAaecAetRwMw0xYcvNL9yRdLSUi0hUAHfvCHFeFh";

fn refused<T>(result: Result<T, ServiceError>) -> RegistrationError {
    match result {
        Err(ServiceError::Registration(refusal)) => refusal,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was not refused"),
    }
}

fn unknown(id: &ClientId) -> RegistrationError {
    RegistrationError::Unknown { id: id.clone() }
}

fn machine(id: &str, secret: Option<&str>) -> Registration {
    let metadata = Metadata {
        grant_types: [GrantType::ClientCredentials].into(),
        resources: vec![ISSUER.into()],
        ..Metadata::default()
    };
    let secret = secret.map(|secret| SecretString::new(secret.to_owned()));
    Registration { id: Some(ClientId::new(id)), secret, name: "Machine".into(), metadata }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_moves_its_redirect_uri() {
    let app = TestApp::start().await;
    let beside = app.another().await;
    let client = app.client().first_party().create().await;
    client.at(&beside).code("alice").await;
    let moved = Client { redirect_uri: "https://app.test/new".into(), ..client.clone() };
    app.browser().open(&moved.request().url()).await.is_error_page(400);

    let changes = Changes { redirect_uris: Some(vec![moved.redirect_uri.clone()]), ..Changes::default() };
    let updated = update(&app.app, &operator(), &client.client_id(), changes).await.unwrap();
    assert!(updated.secret.is_none(), "the secret stays");
    assert!(updated.client.metadata.first_party, "what was not named stays");

    app.browser().open(&client.request().url()).await.is_error_page(400);
    moved.sign_in("alice").await;
    app.advance(seconds(1));
    beside.browser().open(&client.request().url()).await.is_error_page(400);
    moved.at(&beside).sign_in("alice").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_not_be_registered_cannot_be_brought_in_by_a_change() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let before = show(&app.app, &client.client_id()).await.unwrap();
    let (script, data) = ("javascript:alert(1)".to_owned(), "data:text/html,x".to_owned());
    for (changes, refusal) in [
        (
            Changes { redirect_uris: Some(vec![script.clone()]), ..Changes::default() },
            RegistrationError::RedirectUri { uri: script, why: UriRefused::Scheme },
        ),
        (Changes { redirect_uris: Some(vec![]), ..Changes::default() }, RegistrationError::NowhereForCodes),
        (Changes { logo_uri: Some(Some(data.clone())), ..Changes::default() }, RegistrationError::Link { uri: data }),
        (
            Changes { name: Some(" ".into()), ..Changes::default() },
            RegistrationError::Name { name: String::new(), most: 200 },
        ),
        // Each of the two would do by itself.
        (
            Changes {
                grant_types: Some([GrantType::ClientCredentials].into()),
                authentication: Some(Authentication::Only(AuthMethod::None)),
                ..Changes::default()
            },
            RegistrationError::MachineWithoutSecret,
        ),
    ] {
        assert_eq!(refused(update(&app.app, &operator(), &client.client_id(), changes).await), refusal);
    }
    let long = Changes { id_token_lifetime: Some(Some(seconds(25 * 3600))), ..Changes::default() };
    let long = refused(update(&app.app, &operator(), &client.client_id(), long).await);
    assert!(matches!(long, RegistrationError::Lifetime(_)), "{long}");
    let after = show(&app.app, &client.client_id()).await.unwrap();
    assert_eq!((after.name, after.metadata, after.updated_at), (before.name, before.metadata, before.updated_at));
    let nobody = ClientId::new("nobody");
    assert_eq!(refused(update(&app.app, &operator(), &nobody, Changes::default()).await), unknown(&nobody));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_changes_at_once_none_is_lost() {
    let app = TestApp::start().await;
    let beside = app.another().await;
    let id = app.client().create().await.client_id();
    let name = Changes { name: Some("New name".into()), ..Changes::default() };
    let links = Changes { tos_uri: Some(Some("https://app.test/tos".into())), ..Changes::default() };
    let by = operator();
    let (one, other) = tokio::join!(update(&app.app, &by, &id, name), update(&beside.app, &by, &id, links));
    assert!(one.is_ok() && other.is_ok());
    let after = show(&app.app, &id).await.unwrap();
    assert_eq!((&*after.name, after.metadata.tos_uri.as_deref()), ("New name", Some("https://app.test/tos")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_becomes_public_has_no_secret_and_one_that_is_no_longer_gets_one() {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    let becomes = async |method| {
        let changes = Changes { authentication: Some(Authentication::Only(method)), ..Changes::default() };
        update(&app.app, &operator(), &client.client_id(), changes).await.unwrap().secret
    };
    assert!(becomes(AuthMethod::None).await.is_none());
    let public = Client { method: AuthMethod::None, ..client.clone() };
    public.sign_in("alice").await;
    let secret = becomes(AuthMethod::ClientSecretPost).await.unwrap().expose().to_owned();
    assert_ne!(secret, client.secret, "the old one was thrown away");
    let post = Client { method: AuthMethod::ClientSecretPost, secret, ..client };
    post.sign_in("alice").await;
    let code = post.code("alice").await;
    public.redeem(&code).await.refused("invalid_client");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_client_is_refused_everywhere_within_a_second_and_goes_on_once_it_is_enabled() {
    let app = TestApp::start().await;
    let beside = app.another().await;
    let client = app.client().first_party().create().await;
    let watcher = app.client().machine("a").with(|m| m.resources = vec![ISSUER.into()]).create().await;
    let tokens = client.sign_in("alice").await;
    let code = client.code("alice").await;
    // Every instance has it in memory.
    for app in [&app, &beside] {
        assert!(watcher.at(app).finds_active(&tokens.access_token).await);
    }
    set_enabled(&app.app, &operator(), &client.client_id(), false).await.unwrap();
    app.advance(seconds(1));
    for app in [&app, &beside] {
        let client = client.at(app);
        client.redeem(&code).await.refused("invalid_client");
        client.refresh(&tokens.refresh_token).await.refused("invalid_client");
        client.introspect_refused(&tokens.access_token).await;
        client.userinfo(&tokens.access_token).await.bearer_refused(401, "invalid_token");
        assert!(!watcher.at(app).finds_active(&tokens.access_token).await);
        app.browser().open(&client.request().url()).await.is_error_page(400);
    }
    set_enabled(&beside.app, &operator(), &client.client_id(), true).await.unwrap();
    app.advance(seconds(1));
    for app in [&app, &beside] {
        assert!(watcher.at(app).finds_active(&tokens.access_token).await);
    }
    client.redeem(&code).await.ok();
    client.refresh(&tokens.refresh_token).await.ok();
    let nobody = ClientId::new("nobody");
    assert_eq!(refused(set_enabled(&app.app, &operator(), &nobody, false).await), unknown(&nobody));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_client_takes_all_that_it_had_along() {
    let app = TestApp::start().await;
    let beside = app.another().await;
    let client = app.client().opaque().create().await;
    let other = app.client().create().await;
    let watcher = app.client().machine("a").with(|m| m.resources = vec![ISSUER.into()]).create().await;
    let (tokens, others) = (client.sign_in("alice").await, other.sign_in("alice").await);
    let code = client.code("bob").await;
    assert!(watcher.at(&beside).finds_active(&tokens.access_token).await);

    delete(&app.app, &operator(), &client.client_id()).await.unwrap();
    app.advance(seconds(1));
    for app in [&app, &beside] {
        client.at(app).redeem(&code).await.refused("invalid_client");
        client.at(app).refresh(&tokens.refresh_token).await.refused("invalid_client");
        client.at(app).userinfo(&tokens.access_token).await.bearer_refused(401, "invalid_token");
        assert!(!watcher.at(app).finds_active(&tokens.access_token).await);
        app.browser().open(&client.request().url()).await.is_error_page(400);
    }
    other.refresh(&others.refresh_token).await.ok();
    let id = client.client_id();
    assert_eq!(refused(delete(&app.app, &operator(), &id).await), unknown(&id));
    assert_eq!(refused(show(&app.app, &id).await), unknown(&id));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_is_given_again_brings_nothing_back() {
    let app = TestApp::start().await;
    let id = ClientId::new("nightly-report");
    register(&app.app, &operator(), machine("nightly-report", Some(SECRET))).await.unwrap();
    let first = app.client().machine("a").create().await;
    let first = Client { id: id.to_string(), secret: SECRET.into(), ..first };
    let token = first.client_credentials().await.ok().access_token;
    assert!(first.finds_active(&token).await);

    delete(&app.app, &operator(), &id).await.unwrap();
    app.advance(seconds(2));
    register(&app.app, &operator(), machine("nightly-report", Some(SECRET))).await.unwrap();
    assert!(!first.finds_active(&token).await, "that was the first one's");
    let token = first.client_credentials().await.ok().access_token;
    assert!(first.finds_active(&token).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn consent_given_to_a_deleted_client_is_not_its_successors() {
    let app = TestApp::start().await;
    let web = |secret: &str| {
        let metadata = Metadata { redirect_uris: vec![REDIRECT.into()], ..Metadata::default() };
        Registration { metadata, ..machine("web", Some(secret)) }
    };
    let like = app.client().create().await;
    register(&app.app, &operator(), web(SECRET)).await.unwrap();
    let client = Client { id: "web".into(), secret: SECRET.into(), ..like };
    let mut browser = app.browser();
    client.authorize(&mut browser, "alice", client.request()).await.code();
    browser.open(&client.request().url()).await.code();

    delete(&app.app, &operator(), &client.client_id()).await.unwrap();
    register(&app.app, &operator(), web(SECRET)).await.unwrap();
    assert_eq!(browser.open(&client.request().url()).await.shows(), Shows::Consent);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_brings_its_own_id_and_secret() {
    let app = TestApp::start().await;
    let registered = register(&app.app, &operator(), machine("ownCloud", Some(SECRET))).await.unwrap();
    assert_eq!((registered.client.id.as_str(), registered.secret.unwrap().expose()), ("ownCloud", SECRET));
    let like = app.client().machine("a").create().await;
    let client = Client { id: "ownCloud".into(), secret: SECRET.into(), ..like };
    client.client_credentials().await.ok();

    let sub = app.user("alice").await.id.to_string();
    let weak = || RegistrationError::Secret(SecretRefused::Short(32));
    for (id, secret, refusal) in [
        ("ownCloud", None, RegistrationError::Taken { id: client.client_id() }),
        (&*sub, None, RegistrationError::Id { id: ClientId::new(&*sub), why: ClientIdError::Uuid }),
        (ISSUER, None, RegistrationError::Id { id: ClientId::new(ISSUER), why: ClientIdError::Issuer }),
        ("weak", Some("hunter2"), weak()),
    ] {
        assert_eq!(refused(register(&app.app, &operator(), machine(id, secret)).await), refusal);
    }
    let given = |secret: &str| Some(SecretString::new(secret.to_owned()));
    assert_eq!(refused(rotate_secret(&app.app, &operator(), &client.client_id(), given("hunter2")).await), weak());
    client.client_credentials().await.ok();
    let other = "4OGl4vXMm6dW5xrfdK504rl20YKzr4tzsiL5IPZUHM4=";
    rotate_secret(&app.app, &operator(), &client.client_id(), given(other)).await.unwrap();
    client.client_credentials().await.refused("invalid_client");
    Client { secret: other.into(), ..client }.client_credentials().await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_client_may_no_longer_ask_for_is_not_given_to_a_request_that_was_under_way() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let mut browser = app.browser();
    let login = browser.open(&client.request().url()).await;
    let changes = Changes { scope: Some(Scope::parse("openid profile").unwrap()), ..Changes::default() };
    update(&app.app, &operator(), &client.client_id(), changes).await.unwrap();
    app.advance(seconds(1));
    let consent = browser.sign_in(&login, "alice").await;
    let text = consent.answer.text();
    assert!(text.contains("data-scope=\"profile\"") && !text.contains("data-scope=\"email\""), "{text}");
    let code = browser.press(&consent, "consent-allow", &[]).await.code();
    assert_eq!(client.redeem(&code).await.ok().scope, "openid profile");

    // However old the link is: in a browser without its cookie it begins anew.
    let machine = [GrantType::ClientCredentials].into();
    let changes = Changes { grant_types: Some(machine), ..Changes::default() };
    update(&app.app, &operator(), &client.client_id(), changes).await.unwrap();
    app.advance(seconds(3 * 86_400));
    app.browser().open(&login.url).await.client_refused("unauthorized_client");
}
