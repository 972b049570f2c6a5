//! Changing one's own profile.

use serde_json::json;

use super::signed_in;
use crate::harness::TestApp;
use crate::harness::snapshot::assert_page;

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_states_of_themselves_is_what_apps_are_told() {
    let app = TestApp::start().await;
    let client = app.client().scope("openid profile phone address").create().await;
    let mut browser = signed_in(&app, "alice").await;
    let page = browser.open("/account/profile").await;
    assert_page("account-profile", &page);
    let typed = [
        ("name", "Alice P. Liddell"),
        ("picture", "https://pictures.test/alice.png"),
        ("phone_number", "+44 20 7946 0000"),
        ("locality", "Oxford"),
        ("birthdate", "1852-05-04"),
    ];
    let saved = browser.press(&page, "profile-submit", &typed).await;
    assert!(saved.answer.text().contains("Your profile was saved"), "{}", saved.answer.text());
    let request = client.request().with("scope", "openid profile phone address");
    let tokens = client.sign_in_with(&mut browser, "alice", request).await;
    let claims = client.userinfo(&tokens.access_token).await.success();
    assert_eq!(claims["name"], "Alice P. Liddell");
    assert_eq!(claims["picture"], "https://pictures.test/alice.png");
    assert_eq!((&claims["phone_number_verified"], &claims["address"]["locality"]), (&json!(false), &json!("Oxford")));

    let page = browser.open("/account/profile").await;
    browser.press(&page, "profile-submit", &[("picture", ""), ("locality", "")]).await;
    let claims = client.userinfo(&tokens.access_token).await.success();
    assert_eq!((claims.get("picture"), &claims["birthdate"]), (None, &json!("1852-05-04")));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_taken_is_said_beside_its_field_and_nothing_typed_is_lost() {
    let app = TestApp::start().await;
    let mut browser = signed_in(&app, "alice").await;
    let page = browser.open("/account/profile").await;
    let before = app.user("alice").await.updated_at;
    let typed = [("nickname", "Al\"><b>"), ("picture", "javascript:alert(1)"), ("birthdate", "soon")];
    let wrong = browser.press(&page, "profile-submit", &typed).await;
    let text = wrong.answer.text();
    assert!(text.contains("id=\"picture-error\"") && text.contains("id=\"birthdate-error\""), "{text}");
    assert!(text.contains("value=\"Al&#34;&#62;&#60;b&#62;\"") && text.contains("value=\"soon\""), "{text}");
    assert_eq!(app.user("alice").await.updated_at, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gives_themselves_what_an_operator_gives() {
    let app = TestApp::configured().toml("[claims.extra]\ndepartment = \"profile\"\n").start().await;
    let mut browser = signed_in(&app, "bob").await;
    let page = browser.open("/account/profile").await;
    let mut fields = page.form("profile-submit").submit("profile-submit", &[("nickname", "B")]);
    for (name, value) in [
        ("groups", "admins"),
        ("administrator", "true"),
        ("email", "alice@example.com"),
        ("email_verified", "true"),
        ("phone_number_verified", "true"),
        ("username", "root"),
        ("department", "board"),
        ("sub", "x"),
        ("id", "x"),
    ] {
        fields.push((name.to_owned(), value.to_owned()));
    }
    let before = app.user("bob").await;
    browser.post("/account/profile", &fields).await;
    let after = app.user("bob").await;
    assert_eq!(after.profile.claim("nickname"), Some(json!("B")));
    assert_eq!(
        (&after.email, after.email_verified, &after.username, after.administrator, after.profile.groups()),
        (&before.email, before.email_verified, &before.username, before.administrator, before.profile.groups())
    );
    assert!(after.profile.custom().is_empty() && after.profile.claim("phone_number_verified").is_none());
}
