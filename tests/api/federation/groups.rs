//! What a provider says of people beside who they are: their groups, each kept with its source, and their profile.

use latchkey::domain::account::user::User;
use latchkey::services::account::{self, UserChanges};
use serde_json::{Value, json};

use super::{identity, knowing, own_csrf, through};
use crate::harness::upstream::Upstream;
use crate::harness::{Browser, Page, Shows, TestApp, operator};

const MAPPED: &str = "[providers.fake.claims]\ngroups = \"realm.groups\"\n";

/// A server that takes groups over, with alice in the operator's group `staff`.
async fn taking_groups(upstream: &Upstream, more: &str) -> TestApp {
    let app = knowing(upstream, &format!("{more}{MAPPED}")).await;
    let groups = Some(vec!["staff".to_owned()]);
    let changes = UserChanges { groups, ..UserChanges::default() };
    account::update(&app.app, &operator(), app.user("alice").await.id, changes).await.unwrap();
    app
}

/// Alice is in these there.
fn says(upstream: &Upstream, groups: Value) {
    upstream.does(|it| it.claims = vec![("email", json!("alice@example.com")), ("realm", json!({ "groups": groups }))]);
}

async fn claim(app: &TestApp) -> Value {
    app.user("alice").await.claim("groups").unwrap_or_default()
}

/// Who has the address of the provider's person.
async fn carl(app: &TestApp) -> User {
    app.user("carl@upstream.test").await
}

async fn disconnect(browser: &mut Browser, page: &Page) -> Page {
    let form = vec![("csrf".to_owned(), own_csrf(page)), ("identity".to_owned(), identity(page))];
    browser.post("/account/connections", &form).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_membership_that_ends_there_ends_here_and_what_the_operator_gave_stays() {
    let upstream = Upstream::start().await;
    let app = taking_groups(&upstream, "").await;
    says(&upstream, json!(["ops", "drivers", "ops"]));
    assert_eq!(through(&app, &upstream, &mut app.browser()).await.shows(), Shows::Account);
    assert_eq!(claim(&app).await, json!(["drivers", "ops", "staff"]), "with the sign-in that connects");
    // A group that both know ends at one of them only.
    says(&upstream, json!(["staff", "ops"]));
    through(&app, &upstream, &mut app.browser()).await;
    assert_eq!(claim(&app).await, json!(["ops", "staff"]));
    let long = "x".repeat(200);
    says(&upstream, json!([long, "pilots"]));
    through(&app, &upstream, &mut app.browser()).await;
    assert_eq!(claim(&app).await, json!(["pilots", "staff"]), "a name that cannot be kept keeps no other from ending");
    says(&upstream, Value::Null);
    through(&app, &upstream, &mut app.browser()).await;
    assert_eq!(claim(&app).await, json!(["staff"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_changes_the_groups_that_the_operator_gave() {
    let upstream = Upstream::start().await;
    let app = taking_groups(&upstream, "").await;
    says(&upstream, json!(["ops"]));
    through(&app, &upstream, &mut app.browser()).await;
    let changes = UserChanges { groups: Some(vec![]), ..UserChanges::default() };
    let alice = account::update(&app.app, &operator(), app.user("alice").await.id, changes).await.unwrap();
    assert_eq!((alice.profile.groups(), alice.profile.own_groups()), (&["ops".to_owned()][..], &[][..]));
    let changes = UserChanges { claims: Some(json!({"groups": ["admins"]})), ..UserChanges::default() };
    account::update(&app.app, &operator(), alice.id, changes).await.unwrap();
    assert_eq!(claim(&app).await, json!(["admins", "ops"]));
    through(&app, &upstream, &mut app.browser()).await;
    assert_eq!(claim(&app).await, json!(["admins", "ops"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_identities_bring_groups_of_their_own() {
    let upstream = Upstream::start().await;
    let app = taking_groups(&upstream, "").await;
    says(&upstream, json!(["ops"]));
    through(&app, &upstream, &mut app.browser()).await;
    // The same provider knows alice by a second subject too.
    upstream.does(|it| it.claims.push(("sub", json!("alice-2"))));
    let mut browser = app.browser();
    let page = browser.open("/account/connections").await;
    let page = browser.sign_in(&page, "alice").await;
    let form = vec![("csrf".to_owned(), own_csrf(&page)), ("provider".to_owned(), "fake".to_owned())];
    let away = browser.post("/account/connections", &form).await.url;
    upstream.does(|it| it.claims.push(("realm", json!({"groups": ["drivers", "ops"]}))));
    let page = browser.open(&upstream.signs_in(&app, &away)).await;
    assert_eq!(claim(&app).await, json!(["drivers", "ops", "staff"]), "connected by hand, at once");
    // The first is disconnected: what the second says stays.
    let page = disconnect(&mut browser, &page).await;
    assert_eq!(claim(&app).await, json!(["drivers", "ops", "staff"]));
    disconnect(&mut browser, &page).await;
    assert_eq!(claim(&app).await, json!(["staff"]), "with the identity go its groups");
    assert_eq!(app.rows().await["identities"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_thief_connected_takes_its_groups_along_when_it_is_undone() {
    let upstream = Upstream::start().await;
    let app = taking_groups(&upstream, "").await;
    let mut thief = app.browser();
    let page = thief.open("/account/connections").await;
    let page = thief.sign_in(&page, "alice").await;
    let email = thief.open("/account/email").await;
    thief.press(&email, "email-submit", &[("email", "thief@evil.test")]).await;
    let question = thief.open(&app.link_to("thief@evil.test", "/account/email/confirm").await).await;
    thief.press(&question, "link-confirm", &[]).await;
    let form = vec![("csrf".to_owned(), own_csrf(&page)), ("provider".to_owned(), "fake".to_owned())];
    let away = thief.post("/account/connections", &form).await.url;
    upstream.does(|it| it.claims = vec![("realm", json!({"groups": ["thieves"]}))]);
    thief.open(&upstream.signs_in(&app, &away)).await;
    assert_eq!(claim(&app).await, json!(["staff", "thieves"]));
    let mut owner = app.browser();
    let undo = owner.open(&app.link_to("alice@example.com", "/account/email/undo").await).await;
    owner.press(&undo, "link-confirm", &[]).await;
    assert_eq!(claim(&app).await, json!(["staff"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_in_none_of_the_groups_that_are_required_stays_out_and_keeps_none() {
    let upstream = Upstream::start().await;
    let app = taking_groups(&upstream, "required_groups = [\"ops\", \"admins\"]\n").await;
    says(&upstream, json!(["drivers"]));
    let page = through(&app, &upstream, &mut app.browser()).await;
    assert!(page.answer.text().contains("may not sign in here"), "{}", page.answer.text());
    assert_eq!(app.rows().await["identities"], 0);
    says(&upstream, json!(["drivers", "ops"]));
    assert_eq!(through(&app, &upstream, &mut app.browser()).await.shows(), Shows::Account);
    // They are put out of it: connected they are all the same, and neither come in nor stay in its groups.
    says(&upstream, json!(["drivers"]));
    assert_eq!(through(&app, &upstream, &mut app.browser()).await.shows(), Shows::Login);
    assert_eq!(claim(&app).await, json!(["drivers", "staff"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_that_only_userinfo_tells_are_asked_for_there() {
    let upstream = Upstream::start().await;
    let app = taking_groups(&upstream, "").await;
    upstream.does(|it| {
        it.claims = vec![("email", json!("alice@example.com"))];
        it.user = json!({"sub": "carl", "realm": {"groups": ["ops"]}});
    });
    through(&app, &upstream, &mut app.browser()).await;
    assert_eq!(claim(&app).await, json!(["ops", "staff"]));
    assert_eq!(upstream.asked(), ["metadata", "token", "jwks", "userinfo"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_that_are_taken_over_no_longer_end_at_the_next_sign_in() {
    let upstream = Upstream::start().await;
    let app = taking_groups(&upstream, "").await;
    says(&upstream, json!(["ops"]));
    through(&app, &upstream, &mut app.browser()).await;
    let app = app.another_without("groups = ").await;
    through(&app, &upstream, &mut app.browser()).await;
    assert_eq!(claim(&app).await, json!(["staff"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_is_taken_over_once_or_at_each_sign_in_as_the_operator_wants() {
    for (setting, name) in [("update_profile = \"off\"\n", "Carl Upstream"), ("update_profile = \"on\"\n", "Carl II")] {
        let upstream = Upstream::start().await;
        let app = knowing(&upstream, setting).await;
        through(&app, &upstream, &mut app.browser()).await;
        upstream.does(|it| it.claims = vec![("name", json!("Carl II")), ("picture", json!("javascript:alert(1)"))]);
        through(&app, &upstream, &mut app.browser()).await;
        let carl = carl(&app).await;
        assert_eq!((carl.claim("name"), carl.claim("picture")), (Some(json!(name)), None), "{setting}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_claim_of_a_provider_says_who_somebody_is_here_or_what_they_may_do() {
    let upstream = Upstream::start().await;
    let app = knowing(&upstream, "update_profile = \"on\"\n").await;
    through(&app, &upstream, &mut app.browser()).await;
    let before = carl(&app).await;
    let claims = [
        ("groups", json!(["admins"])),
        ("roles", json!(["admin"])),
        ("permissions", json!(["users:write"])),
        ("administrator", json!(true)),
        ("scope", json!("account:write")),
        ("acr", json!("urn:latchkey:acr:passkey")),
        ("amr", json!(["mfa", "hwk"])),
        ("phone_number", json!("+44 1")),
        ("phone_number_verified", json!(true)),
        ("client_id", json!("evil")),
        ("sid", json!("evil")),
    ];
    upstream.does(|it| it.claims = claims.to_vec());
    let client = app.client().first_party().create().await;
    let mut browser = app.browser();
    let page = browser.open(&client.request().with("scope", "openid profile email").url()).await;
    let back = super::through_from(&app, &upstream, &mut browser, &page).await;
    let tokens = client.redeem(&back.code()).await.ok();
    let after = carl(&app).await;
    assert_eq!((after.id, after.administrator, &after.profile), (before.id, false, &before.profile));
    let told = crate::harness::jwt::claims(&tokens.id_token);
    assert_eq!((&told["sub"], &told["acr"]), (&json!(after.id.to_string()), &json!("urn:latchkey:acr:password")));
    for name in ["groups", "roles", "permissions", "administrator", "phone_number", "client_id"] {
        assert!(told.get(name).is_none(), "{name}: {told:?}");
    }
}
