//! Whose account somebody gets who comes from a provider.

use serde_json::json;

use super::{knowing, through, through_from, way_back};
use crate::harness::upstream::Upstream;
use crate::harness::{PASSWORD, Shows, TestApp, seconds};

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_first_gets_an_account_and_whoever_comes_again_is_the_same() {
    let upstream = Upstream::start().await;
    let app = knowing(&upstream, "").await;
    let page = through(&app, &upstream, &mut app.browser()).await;
    assert_eq!(page.shows(), Shows::Account, "{}", page.answer.text());
    let carl = app.user("carl@upstream.test").await;
    assert!(carl.email_verified && carl.password_hash.is_none());
    assert_eq!(carl.claim("name"), Some(json!("Carl Upstream")));
    let before = app.rows().await;
    // The address is another by now: it is the same person all the same.
    upstream.does(|it| it.claims = vec![("email", json!("carl@elsewhere.test"))]);
    let page = through(&app, &upstream, &mut app.browser()).await;
    assert!(page.answer.text().contains("Carl Upstream"));
    let after = app.rows().await;
    assert_eq!((after["users"], after["identities"]), (before["users"], before["identities"]));
    assert_eq!(after["upstream_flows"], 0, "each was taken");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_gets_its_code_and_no_word_on_how_it_was_done_there() {
    let upstream = Upstream::start().await;
    let app = knowing(&upstream, "").await;
    let client = app.client().first_party().create().await;
    let mut browser = app.browser();
    let page = browser.open(&client.request().url()).await;
    let back = through_from(&app, &upstream, &mut browser, &page).await;
    assert_eq!(back.shows(), Shows::Client);
    let tokens = client.redeem(&back.code()).await.ok();
    let claims = crate::harness::jwt::claims(&tokens.id_token);
    assert_eq!(claims["acr"], "urn:latchkey:acr:password");
    assert!(
        claims.get("amr").is_none_or(|amr| amr == &json!([])),
        "what was done there is not ours to tell: {claims:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn two_requests_go_out_for_a_sign_in_once_metadata_and_keys_are_known() {
    let upstream = Upstream::start().await;
    let app = knowing(&upstream, "").await;
    through(&app, &upstream, &mut app.browser()).await;
    assert_eq!(upstream.asked(), ["metadata", "token", "jwks"]);
    through(&app, &upstream, &mut app.browser()).await;
    assert_eq!(upstream.asked(), ["token"]);
    // A key that is not known is looked for, but not twice within half a minute.
    upstream.rotates();
    app.advance(seconds(31));
    let page = through(&app, &upstream, &mut app.browser()).await;
    assert_eq!(page.shows(), Shows::Account);
    assert_eq!(upstream.asked(), ["token", "jwks"]);
    upstream.does(|it| it.signs = "unknown kid");
    through(&app, &upstream, &mut app.browser()).await;
    assert_eq!(upstream.asked(), ["token"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_both_sides_know_connects_and_its_owner_is_told() {
    let upstream = Upstream::start().await;
    let app = knowing(&upstream, "").await;
    upstream.does(|it| it.claims = vec![("email", json!("Alice@example.com"))]);
    let page = through(&app, &upstream, &mut app.browser()).await;
    assert_eq!(page.shows(), Shows::Account);
    assert!(page.answer.text().contains("Alice Liddell"));
    assert!(app.mail_to("alice@example.com").await.subject.contains("Fake was connected"));
    assert!(app.user("alice").await.password_hash.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_one_side_does_not_know_connects_nobody() {
    // bob's own address was never proven; somebody may have made that account in advance.
    let upstream = Upstream::start().await;
    let app = knowing(&upstream, "").await;
    app.sql("UPDATE users SET email_verified = FALSE WHERE username = 'bob'").await;
    upstream.does(|it| it.claims = vec![("email", json!("bob@example.com"))]);
    let page = through(&app, &upstream, &mut app.browser()).await;
    assert_eq!(page.shows(), Shows::Login);
    assert!(page.answer.text().contains("account here already"), "{}", page.answer.text());
    assert_eq!(app.rows().await["identities"], 0);
    // A provider that is not trusted for it.
    let toml = upstream.toml("trust_email = \"off\"");
    let distrusting = TestApp::configured().explaining().toml(&toml).start().await;
    upstream.does(|it| it.claims = vec![("email", json!("alice@example.com"))]);
    let page = through(&distrusting, &upstream, &mut distrusting.browser()).await;
    assert!(page.answer.text().contains("account here already"), "{}", page.answer.text());
    assert_eq!(distrusting.rows().await["identities"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unverified_address_is_nobodys_and_whoever_has_it_gets_a_username() {
    let upstream = Upstream::start().await;
    let app = knowing(&upstream, "").await;
    for (number, verified) in [json!("true"), json!(false), json!(null)].into_iter().enumerate() {
        let subject = json!(format!("subject-{number}"));
        upstream.does(|it| {
            it.claims = vec![("sub", subject), ("email", json!("alice@example.com")), ("email_verified", verified)];
        });
        let page = through(&app, &upstream, &mut app.browser()).await;
        assert_eq!(page.shows(), Shows::Account, "{number}: {}", page.answer.text());
    }
    for name in ["carl", "carl-2", "carl-3"] {
        let user = app.user(name).await;
        assert_eq!((user.email, user.email_verified), (None, false), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_who_come_at_once_with_one_subject_make_one_account() {
    let upstream = Upstream::start().await;
    let app = knowing(&upstream, "").await;
    let before = app.rows().await["users"];
    let mut coming = Vec::new();
    for n in 0..50u8 {
        let mut browser = app.browser();
        browser.address = format!("192.0.2.{n}").parse().unwrap();
        let back = way_back(&app, &upstream, &mut browser).await;
        coming.push(tokio::spawn(async move { browser.open(&back).await.shows() }));
    }
    for one in coming {
        assert_eq!(one.await.unwrap(), Shows::Account);
    }
    let after = app.rows().await;
    assert_eq!((after["users"], after["identities"]), (before + 1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn local_policy_holds_after_a_provider() {
    let upstream = Upstream::start().await;
    let app = knowing(&upstream, "second_factor_amr = [\"mfa\"]\n").await;
    upstream.does(|it| it.claims = vec![("email", json!("alice@example.com"))]);
    through(&app, &upstream, &mut app.browser()).await;
    // A second factor that is due is asked for.
    app.add_totp("alice").await;
    let page = through(&app, &upstream, &mut app.browser()).await;
    assert_eq!(page.shows(), Shows::SecondFactor);
    // Unless the provider has asked for one, in a way that the operator takes for that.
    upstream.does(|it| it.claims.push(("amr", json!(["pwd", "mfa"]))));
    let page = through(&app, &upstream, &mut app.browser()).await;
    assert_eq!(page.shows(), Shows::Account);
    app.disable_user("alice").await;
    let page = through(&app, &upstream, &mut app.browser()).await;
    assert_eq!(page.shows(), Shows::Login);
    assert!(page.answer.text().contains("Nobody here is connected"), "as if nobody had it");
    let page = app.browser().open("/account").await;
    let page = app.browser().try_password(&page, "alice", PASSWORD).await;
    assert_ne!(page.shows(), Shows::Account);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_let_in_the_operator_says() {
    let upstream = Upstream::start().await;
    let app = knowing(&upstream, "create_accounts = \"off\"\n").await;
    let page = through(&app, &upstream, &mut app.browser()).await;
    assert!(page.answer.text().contains("Nobody here is connected"));
    let app = knowing(&upstream, "domains = [\"example.com\"]\n").await;
    let page = through(&app, &upstream, &mut app.browser()).await;
    assert!(page.answer.text().contains("may not sign in here"));
    upstream.does(|it| it.claims = vec![("email", json!("dora@example.com"))]);
    let page = through(&app, &upstream, &mut app.browser()).await;
    assert_eq!(page.shows(), Shows::Account);
    assert_eq!(app.rows().await["identities"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_provider_with_oauth_alone_says_of_its_people_counts() {
    let upstream = Upstream::start().await;
    let app = TestApp::configured().explaining().toml(&upstream.github_toml()).start().await;
    upstream
        .does(|it| it.user = json!({"id": 583_231, "login": "octo", "name": "Octo", "avatar_url": "https://a.test/1"}));
    let page = through(&app, &upstream, &mut app.browser()).await;
    assert_eq!(page.shows(), Shows::Account, "{}", page.answer.text());
    let octo = app.user("octo").await;
    assert_eq!(octo.claim("picture"), Some(json!("https://a.test/1")));
    assert_eq!(upstream.asked(), ["token", "user"]);
}
