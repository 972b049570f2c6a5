//! What of an application's request goes on to a provider.

use serde_json::json;

use super::{asked, choose, knowing, own_csrf, through, through_from};
use crate::harness::upstream::Upstream;
use crate::harness::{Shows, jwt};

#[tokio::test(flavor = "multi_thread")]
async fn an_application_that_names_a_provider_sends_its_people_there_without_a_page_of_ours() {
    let upstream = Upstream::start().await;
    let app = knowing(&upstream, "").await;
    let client = app.client().first_party().create().await;
    for name in ["idp_hint", "kc_idp_hint"] {
        let mut browser = app.browser();
        let away = browser.open(&client.request().with(name, "fake").url()).await.url;
        assert!(away.starts_with(&upstream.issuer), "{away}");
        let back = browser.open(&upstream.signs_in(&app, &away)).await;
        assert_eq!(back.shows(), Shows::Client, "{}", back.url);
    }
    // One that is not there, or not offered, is as if it had not been named.
    for hint in ["nobody", "", "fake%00", "FAKE"] {
        let page = app.browser().open(&client.request().with("idp_hint", hint).url()).await;
        assert_eq!(page.shows(), Shows::Login, "{hint}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_back_in_vain_from_a_provider_that_was_named_has_every_other_way() {
    let upstream = Upstream::start().await;
    let app = knowing(&upstream, "").await;
    let client = app.client().first_party().create().await;
    let mut browser = app.browser();
    let away = browser.open(&client.request().with("idp_hint", "fake").url()).await.url;
    let denied = upstream.signs_in(&app, &away).replace("code=", "error=access_denied&x=");
    let page = browser.open(&denied).await;
    assert_eq!(page.shows(), Shows::Login, "{}", page.url);
    let back = browser.sign_in(&page, "alice").await;
    assert_eq!(back.shows(), Shows::Client, "{}", back.url);
    // Nobody is sent to one that is down.
    upstream.does(|it| it.token_status = Some(500));
    for _ in 0..2 {
        let mut browser = app.browser();
        let away = browser.open(&client.request().with("idp_hint", "fake").url()).await.url;
        browser.open(&upstream.signs_in(&app, &away)).await;
    }
    let page = app.browser().open(&client.request().with("idp_hint", "fake").url()).await;
    assert_eq!(page.shows(), Shows::Login, "{}", page.url);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_factor_that_an_application_asks_for_is_asked_of_the_provider_that_has_one() {
    let upstream = Upstream::start().await;
    let app = knowing(&upstream, "second_factor_acr = [\"phrh\", \"phr\"]\n").await;
    let client = app.client().first_party().create().await;
    let mut browser = app.browser();
    let page = browser.open(&client.request().url()).await;
    assert_eq!(asked(&choose(&mut browser, &page).await, "acr_values"), None, "nobody wants more");
    let request = client.request().with("acr_values", "urn:latchkey:acr:mfa");
    let page = browser.open(&request.url()).await;
    let away = choose(&mut browser, &page).await;
    assert_eq!(asked(&away, "acr_values").as_deref(), Some("phrh phr"));
    // What it says of the sign-in counts.
    upstream.does(|it| it.claims = vec![("acr", json!("phr"))]);
    let back = browser.open(&upstream.signs_in(&app, &away)).await;
    let told = jwt::claims(&client.redeem(&back.code()).await.ok().id_token);
    assert_eq!(told["acr"], "urn:latchkey:acr:mfa");
    // A class that the operator has not named is nothing.
    let mut browser = app.browser();
    let page = browser.open(&client.request().url()).await;
    upstream.does(|it| it.claims = vec![("acr", json!("0"))]);
    let back = through_from(&app, &upstream, &mut browser, &page).await;
    let told = jwt::claims(&client.redeem(&back.code()).await.ok().id_token);
    assert_eq!(told["acr"], "urn:latchkey:acr:password");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_connects_a_provider_chooses_the_account_there_where_it_can_be_asked_for() {
    for (prompts, expected) in [(Some(json!(["none", "select_account"])), Some("select_account")), (None, None)] {
        let upstream = Upstream::start().await;
        upstream
            .does(|it| it.metadata = prompts.map(|prompts| ("prompt_values_supported", prompts)).into_iter().collect());
        let app = knowing(&upstream, "").await;
        let mut browser = app.browser();
        let page = browser.open("/account/connections").await;
        let page = browser.sign_in(&page, "alice").await;
        let form = [("csrf".to_owned(), own_csrf(&page)), ("provider".to_owned(), "fake".to_owned())];
        let away = browser.post("/account/connections", &form).await.url;
        assert_eq!(asked(&away, "prompt").as_deref(), expected, "{away}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn buttons_stand_where_the_operator_puts_them() {
    let upstream = Upstream::start().await;
    let more = |name: &str, position: &str| {
        format!(
            "[providers.{name}]\ntype = \"github\"\nname = \"{name}\"\nclient_id = \"a\"\nclient_secret = \"b\"\n{position}"
        )
    };
    let all = [more("aaa", ""), more("zzz", "position = 1\n"), more("mmm", "position = 2\n"), more("bbb", "")].concat();
    let app = knowing(&upstream, &all).await;
    let page = app.browser().open("/account").await;
    let text = page.answer.text();
    let shown: Vec<_> = text.split("name=\"provider\" value=\"").skip(1).map(|rest| &rest[..3]).collect();
    assert_eq!(shown, ["zzz", "mmm", "aaa", "bbb", "fak"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_that_are_no_bearer_tokens_are_not_used() {
    let upstream = Upstream::start().await;
    let app = knowing(&upstream, "").await;
    upstream.does(|it| it.token_type = Some("DPoP"));
    assert_eq!(through(&app, &upstream, &mut app.browser()).await.shows(), Shows::Login);
    assert_eq!(app.rows().await["identities"], 0);
    // Nothing else is wrong with what it gives; and the name of the type has no case (RFC 6749 §7.1).
    upstream.does(|it| it.token_type = Some("bEARER"));
    assert_eq!(through(&app, &upstream, &mut app.browser()).await.shows(), Shows::Account);
}
