//! What an application may say of itself when it registers, and what comes of it (OpenID Connect Registration §2).

use serde_json::{Value, json};

use crate::harness::{Client, REDIRECT, Registered, Shows, TestApp, encode, seconds};

async fn with(members: Value) -> Registered {
    let app = TestApp::registering().await;
    let mut document = json!({
        "client_name": "Their App",
        "redirect_uris": [REDIRECT],
        "grant_types": ["authorization_code", "refresh_token"],
    });
    let members = members.as_object().unwrap().clone();
    document.as_object_mut().unwrap().extend(members);
    let answer = app.register(None, &document).await;
    app.registered(&answer)
}

fn usual(client: &Client) -> String {
    client.request().with("scope", "openid").url()
}

#[tokio::test]
async fn oidcc_3rd_party_init_login_the_uri_is_echoed_by_registration_and_read() {
    let uri = "https://app.test/begin";
    let own = with(json!({"initiate_login_uri": uri})).await;
    assert_eq!(own.told["initiate_login_uri"], uri);
    assert_eq!(own.read().await.success()["initiate_login_uri"], uri);
    let http = json!({"redirect_uris": [REDIRECT], "initiate_login_uri": "http://app.test/begin"});
    own.app.register(None, &http).await.refused("invalid_client_metadata");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_connected_an_app_that_can_begin_a_sign_in_finds_the_way_there() {
    let own = with(json!({"initiate_login_uri": "https://app.test/begin?x=1"})).await;
    let (client, mut browser) = (own.client(), own.app.browser());
    client.sign_in_with(&mut browser, "alice", client.request()).await;
    let page = browser.open("/account/apps").await;
    let link = "href=\"https://app.test/begin?x=1&#38;iss=https%3A%2F%2Fid.test\"";
    assert!(page.answer.text().contains(link), "{}", page.answer.text());
}

#[tokio::test]
async fn oidcc_registration_logo_uri_policy_uri_tos_uri_and_contacts_stand_on_the_login_page() {
    let own = with(json!({
        "logo_uri": "https://suite.test/images/openid.png",
        "policy_uri": "https://suite.test/policy",
        "tos_uri": "https://openid.test",
        "contacts": ["+49 30 1234", "help+desk@suite.test", "ops@suite.test", "third@suite.test"],
    }))
    .await;
    let page = own.app.browser().open(&usual(&own.client())).await;
    assert_eq!(page.shows(), Shows::Login);
    let html = page.answer.text();
    for wanted in [
        "src=\"https://suite.test/images/openid.png\"",
        "href=\"https://suite.test/policy\"",
        "href=\"https://openid.test",
        "href=\"mailto:help%2Bdesk@suite.test\"",
        "href=\"mailto:ops@suite.test\"",
    ] {
        assert!(html.contains(wanted), "{wanted}");
    }
    assert!(!html.contains("third@suite.test") && !html.contains("1234"), "two are enough, and links to call nobody");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_led_away_by_a_logout_link_of_an_application_that_registered_itself() {
    let bye = "https://app.test/bye";
    let own = with(json!({"post_logout_redirect_uris": [bye], "client_uri": "https://app.test/home"})).await;
    let client = own.client();
    let asked = |hint: Option<&str>| {
        let hint = hint.map(|hint| ("id_token_hint", hint));
        let query: Vec<_> =
            [("client_id", own.id()), ("post_logout_redirect_uri", bye)].into_iter().chain(hint).collect();
        format!("/logout?{}", encode(&query))
    };
    let mut attacker = own.app.browser();
    let theirs = client.sign_in_with(&mut attacker, "bob", client.request()).await.id_token;
    let mut person = own.app.browser();
    for hint in [None, Some(theirs.as_str())] {
        let page = person.open(&asked(hint)).await;
        assert_eq!(page.shows(), Shows::SignedOut);
        let html = page.answer.text();
        assert!(!html.contains("Their App") && !html.contains("href=\"https://app.test"), "{html}");
    }
    let own_token = client.sign_in_with(&mut person, "alice", client.request()).await.id_token;
    for hint in [None, Some(theirs.as_str())] {
        let page = person.open(&asked(hint)).await;
        assert_eq!(page.shows(), Shows::LogoutQuestion);
        assert!(!page.answer.text().contains("Their App"), "{}", page.answer.text());
    }
    // Their own ID token proves where it comes from.
    assert_eq!(person.open(&asked(Some(&own_token))).await.target(), bye);
}

#[tokio::test]
async fn links_and_contacts_that_would_show_something_else_are_refused() {
    let app = TestApp::registering().await;
    let hostile =
        ["https://a.test/\u{1b}[31m", "https://a.test/\n x: y", "https:evil.test", "https://id.test@evil.test/"];
    for member in ["client_uri", "logo_uri", "policy_uri", "tos_uri", "initiate_login_uri", "client_uri#de"] {
        for text in hostile {
            let answer = app.register(None, &json!({"redirect_uris": [REDIRECT], member: text})).await;
            answer.refused("invalid_client_metadata");
        }
    }
    for (member, text) in [("software_id", json!("a\u{202e}b")), ("contacts", json!(["a\u{200b}@app.test"]))] {
        app.register(None, &json!({"redirect_uris": [REDIRECT], member: text}))
            .await
            .refused("invalid_client_metadata");
    }
    assert_eq!(app.rows().await["clients"], 0);
}

#[tokio::test]
async fn a_name_in_the_language_of_the_page_is_shown_and_all_are_echoed() {
    let own = with(json!({"client_name#de": "Ihre Anwendung", "client_name#fr-CA": "Leur appli"})).await;
    assert_eq!(own.told["client_name#de"], "Ihre Anwendung");
    assert_eq!(own.told["client_name#fr-CA"], "Leur appli");
    let client = own.client();
    let english = own.app.browser().open(&usual(&client)).await;
    assert!(english.answer.text().contains("Their App"));
    let german = own.app.browser().open(&client.request().with("ui_locales", "de").url()).await;
    assert!(german.answer.text().contains("Ihre Anwendung") && !german.answer.text().contains("Their App"));
    let tag = json!({"redirect_uris": [REDIRECT], "client_name#not_a_tag": "x"});
    own.app.register(None, &tag).await.refused("invalid_client_metadata");
}

#[tokio::test(flavor = "multi_thread")]
async fn default_max_age_holds_where_the_request_says_nothing() {
    let own = with(json!({"default_max_age": 60, "require_auth_time": true})).await;
    assert_eq!((own.told["default_max_age"].as_u64(), own.told["require_auth_time"].as_bool()), (Some(60), Some(true)));
    let (client, mut browser) = (own.client(), own.app.browser());
    client.sign_in_with(&mut browser, "alice", client.request()).await;
    own.app.advance(seconds(61));
    assert_eq!(browser.open(&usual(&client)).await.shows(), Shows::Login);
    let longer = client.request().with("scope", "openid").with("max_age", "3600");
    browser.open(&longer.url()).await.code();
}

#[tokio::test]
async fn what_is_only_kept_is_told_again() {
    let members = json!({
        "contacts": ["ops@app.test"], "software_id": "4NRB1", "software_version": "2.1", "application_type": "native",
        "default_acr_values": ["urn:latchkey:acr:mfa"],
    });
    let own = with(members.clone()).await;
    for (name, value) in members.as_object().unwrap() {
        assert_eq!(&own.told[name], value, "{name}");
    }
    let web =
        json!({"redirect_uris": ["com.app.test:/cb"], "application_type": "web", "token_endpoint_auth_method": "none"});
    own.app.register(None, &web).await.refused("invalid_redirect_uri");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_sent_to_an_application_that_registered_itself_by_an_error_before_they_have_signed_in() {
    let own = with(json!({})).await;
    let (client, mut browser) = (own.client(), own.app.browser());
    let wrong = client.request().with("scope", "unknown").url();
    browser.open(&wrong).await.is_error_page(400);
    let silent = client.request().with("prompt", "none").with("scope", "openid");
    browser.open(&silent.url()).await.client_refused("login_required");
    client.sign_in_with(&mut browser, "alice", client.request()).await;
    browser.open(&wrong).await.client_refused("invalid_scope");
    let operators = own.app.client().create().await;
    let trusted = operators.request().with("scope", "unknown").url();
    own.app.browser().open(&trusted).await.client_refused("invalid_scope");
}

#[tokio::test(flavor = "multi_thread")]
async fn consent_says_that_nobody_here_has_looked_at_an_application_that_registered_itself() {
    let own = with(json!({})).await;
    let says = async |client: &Client| {
        let mut browser = own.app.browser();
        let page = browser.open(&usual(client)).await;
        let page = browser.sign_in(&page, "alice").await;
        assert_eq!(page.shows(), Shows::Consent);
        page.answer.text().contains("id=\"consent-unvetted\"")
    };
    assert!(says(&own.client()).await);
    assert!(!says(&own.app.client().create().await).await);
}
