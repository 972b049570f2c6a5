//! What people take along: all that is kept about them.

use std::collections::BTreeSet;

use latchkey::domain::federation::identity::Identity;
use latchkey::domain::federation::upstream_token::KeptTokens;
use latchkey::domain::oauth::client::subject_type::SubjectType;
use latchkey::foundation::Random;
use latchkey::foundation::id::CredentialId;
use latchkey::services::account::set_enabled;
use latchkey::services::operation::events;
use latchkey::storage::federation::{identity, upstream_token};
use serde_json::{Value, json};

use super::signed_in;
use crate::harness::snapshot::assert_page;
use crate::harness::{Browser, PASSWORD, Page, Shows, TestApp, jwt, operator, seconds};

/// In which member of the document the rows of a table are, as far as they are about its person.
const TOLD: [(&str, &str); 13] = [
    ("users", "account"),
    ("login_identifiers", "signs_in_with"),
    ("factors", "factors"),
    ("recovery_codes", "recovery_codes"),
    ("lost_factors", "lost_factors"),
    ("sessions", "sessions"),
    ("remembered_devices", "remembered_browsers"),
    ("identities", "connected_accounts"),
    ("upstream_tokens", "connected_accounts"),
    ("consents", "apps"),
    ("grants", "apps"),
    ("one_time_links", "open_links"),
    ("audit_events", "events"),
];

/// What is not told, and why.
const NOT_TOLD: [(&str, &str); 23] = [
    ("upstream_flows", "who was sent to a provider and has not come back, of nobody yet, for minutes"),
    ("clients", "is about applications"),
    ("client_registrations", "is about applications"),
    ("initial_access_tokens", "is about applications"),
    ("signing_keys", "is about the server"),
    ("kept_keys", "is about the server"),
    ("encryption_keys", "is about the server"),
    ("browser_sessions", "which sessions a cookie opens; those are told"),
    ("authorization_requests", "what an application asked for, of nobody yet, for minutes"),
    ("pushed_requests", "what an application asked for, of nobody yet, for a minute"),
    ("authorization_codes", "hashes of secrets of a grant that is told, for a minute"),
    ("refresh_tokens", "hashes of secrets of a grant that is told"),
    ("access_tokens", "hashes of secrets of a grant that is told, for minutes"),
    ("revoked_tokens", "ids of tokens, for minutes"),
    ("counters", "how often something was asked for within the hour"),
    ("login_throttles", "how many wrong passwords are left, which would help a thief"),
    ("used_challenges", "hashes, for minutes"),
    ("used_assertions", "is about applications: hashes, for an hour"),
    ("pending_sign_ins", "half a sign-in, for minutes"),
    ("clock_marks", "is about the server"),
    ("jobs", "mails that wait to be sent, sealed; what each tells is an event"),
    ("decision_traces", "why requests of applications were refused; they name nobody"),
    ("audit_positions", "is about the server"),
];

/// Every table of the database.
fn tables() -> BTreeSet<&'static str> {
    let schema = include_str!("../../../src/storage/engine/schema.rs");
    let tables: BTreeSet<_> = schema
        .split("diesel::table! {")
        .skip(1)
        .map(|table| table.trim_start().split([' ', '(']).next().unwrap())
        .collect();
    assert!(tables.len() > 20, "the search is broken: {tables:?}");
    tables
}

#[test]
fn every_table_is_told_or_there_is_a_reason_why_not() {
    let sorted: BTreeSet<_> = TOLD.iter().map(|(table, _)| *table).chain(NOT_TOLD.map(|(table, _)| table)).collect();
    assert_eq!(sorted.len(), TOLD.len() + NOT_TOLD.len(), "each once");
    assert_eq!(sorted, tables(), "a new table is told (docs/account.md), or has its reason here");
}

/// Presses the button.
async fn download(app: &TestApp, browser: &mut Browser) -> Page {
    events::seal(&app.app).await.unwrap();
    let page = browser.open("/account/data").await;
    assert_eq!(page.shows(), Shows::Account, "{}", page.answer.text());
    browser.press(&page, "data-submit", &[]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_takes_along_what_every_table_has_about_them_and_no_secret() {
    let app = TestApp::configured().explaining().start().await;
    let shop = app.client().named("Shop").create().await;
    let phone = app.add_totp("alice").await;
    let codes = app.recovery_codes("alice").await;
    signed_in(&app, "bob").await;
    let mut browser = app.browser();
    let page = browser.open(&shop.request().url()).await;
    let page = browser.sign_in(&page, "alice").await;
    let page = browser.press(&page, "mfa-submit", &[("code", &phone.code()), ("remember_device", "1")]).await;
    browser.press(&page, "consent-allow", &[]).await.code();

    // Somebody else who knows the password says that all factors are lost; a link that stops it is mailed.
    let mut other = app.browser();
    let page = other.open("/account").await;
    let page = other.try_password(&page, "alice", PASSWORD).await;
    let flow = page.hidden("mfa-submit", "flow");
    let page = other.open(&format!("/second-factor/lost?flow={flow}")).await;
    other.press(&page, "lost-begin", &[]).await;
    app.work().await;

    let identity = Identity {
        id: CredentialId::generate(&Random::System, app.app.clock.now()),
        user: app.user("alice").await.id,
        provider: "google".to_owned(),
        issuer: "https://accounts.google.com".to_owned(),
        subject: "1".to_owned(),
        label: None,
        created_at: app.app.clock.now(),
        last_used_at: None,
    };
    let kept = KeptTokens {
        identity: identity.id,
        provider: "google".to_owned(),
        sealed: b"sealed, say".to_vec(),
        renew_at: None,
        failures: 0,
        version: 1,
        used_at: app.app.clock.now(),
    };
    let connect = async |tx: &mut _| {
        identity::insert(tx, &identity).await?;
        upstream_token::put(tx, &kept, kept.used_at).await
    };
    app.app.store.transaction("test", connect).await.unwrap();

    let page = browser.open("/account/data").await;
    assert_page("account-data", &page);
    let file = download(&app, &mut browser).await.answer;
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"account-data-2026-05-28.json\"");
    assert_eq!(file.header("cache-control"), "no-store");
    let data = file.success();
    for (table, member) in TOLD {
        let told = match &data[member] {
            Value::Array(all) => !all.is_empty(),
            Value::Object(members) => !members.is_empty(),
            _ => false,
        };
        assert!(told, "{member} has nothing of {table}: {data}");
    }
    assert_eq!(data["format"], "latchkey-account-data/1");
    let alice = app.user("alice").await;
    assert_eq!(data["account"]["sub"], alice.id.to_string());
    assert_eq!(data["signs_in_with"], json!(["alice", "alice@example.com"]));
    let claims = &data["claims"];
    assert_eq!((&claims["email_verified"], &claims["birthdate"]), (&json!(true), &json!("1990-01-31")));
    assert_eq!(claims["address"]["postal_code"], "OX1 1AA");
    assert_eq!(data["recovery_codes"]["left"], 10);
    assert_eq!(data["sessions"][0]["current"], true);
    assert_eq!(data["sessions"][0]["address"], "192.0.2.10");
    assert_eq!(data["apps"][0]["client_name"], "Shop");
    assert_eq!(data["connected_accounts"][0]["tokens_kept"], true);
    assert_eq!(data["open_links"][0]["purpose"], "cancel_factor_recovery");
    assert_eq!(data["events_complete"], true);
    let events = data["events"].as_array().unwrap();
    let actions: BTreeSet<_> = events.iter().map(|event| event["action"].as_str().unwrap()).collect();
    for action in ["session.started", "consent.granted", "device.remembered", "lost_factors.reported"] {
        assert!(actions.contains(action), "{action}: {actions:?}");
    }

    let bob = app.user("bob").await;
    let text = file.text();
    for secret in
        [alice.password_hash.as_deref().unwrap(), &codes[0], "argon2", &bob.id.to_string(), "token=", "sealed"]
    {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_that_knows_the_person_by_another_sub_is_told_with_it() {
    let app = TestApp::start().await;
    let forum = app.client().first_party().with(|m| m.subjects.subject_type = SubjectType::Pairwise).create().await;
    let mut browser = signed_in(&app, "alice").await;
    let tokens = forum.sign_in_with(&mut browser, "alice", forum.request()).await;
    let data = download(&app, &mut browser).await.answer.success();
    assert_eq!(data["apps"][0]["pairwise_subs"], json!([jwt::claims(&tokens.id_token)["sub"]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_operator_did_is_told_without_where_they_were() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    set_enabled(&app.app, &operator(), alice.id, false).await.unwrap();
    set_enabled(&app.app, &operator(), alice.id, true).await.unwrap();
    let mut browser = signed_in(&app, "alice").await;
    let data = download(&app, &mut browser).await.answer.success();
    let closed = data["events"].as_array().unwrap().iter().find(|event| event["action"] == "user.disabled").unwrap();
    assert_eq!(closed["by"], "an operator");
    assert!(closed.get("address").is_none() && closed.get("reason").is_none(), "{closed}");
    // That it was downloaded is told the next time.
    let data = download(&app, &mut browser).await.answer.success();
    assert_eq!((&data["events"][0]["action"], &data["events"][0]["by"]), (&json!("user.data_exported"), &json!("you")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_of_many_pages_comes_whole_and_in_order() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    // Two pages and a bit.
    for _ in 0..205 {
        app.advance(seconds(60));
        for enabled in [false, true] {
            set_enabled(&app.app, &operator(), alice.id, enabled).await.unwrap();
        }
    }
    let mut browser = signed_in(&app, "alice").await;
    let data = download(&app, &mut browser).await.answer.success();
    let events = data["events"].as_array().unwrap();
    let ids: BTreeSet<_> = events.iter().map(|event| event["id"].as_str().unwrap()).collect();
    assert_eq!((events.len(), ids.len()), (411, 411));
    assert!(events.is_sorted_by(|one, next| one["at"].as_str() >= next["at"].as_str()));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_takes_a_fresh_sign_in_and_our_form_and_five_times_an_hour_are_enough() {
    let app = TestApp::start().await;
    let mut browser = signed_in(&app, "alice").await;
    let page = browser.open("/account/data").await;
    let forged = browser.post("/account/data", &[("csrf".to_owned(), "x".to_owned())]).await;
    assert!(forged.answer.header("content-disposition").is_empty());
    for _ in 0..5 {
        browser.press(&page, "data-submit", &[]).await.answer.success();
    }
    let rows = app.rows().await["audit_events"];
    let refused = browser.press(&page, "data-submit", &[]).await;
    assert_eq!(refused.answer.status.as_u16(), 429);
    assert!(refused.answer.text().contains("id=\"data-error\""), "{}", refused.answer.text());
    assert_eq!(app.rows().await["audit_events"], rows);
    download(&app, &mut signed_in(&app, "bob").await).await.answer.success();

    app.advance(seconds(3600));
    assert_eq!(browser.open("/account/data").await.shows(), Shows::Login, "an hour ago is too long");
    let stale = browser.press(&page, "data-submit", &[]).await;
    assert_eq!(stale.shows(), Shows::Login);
    let page = browser.sign_in(&stale, "alice").await;
    assert_eq!(page.url, "/account/data");
    browser.press(&page, "data-submit", &[]).await.answer.success();
}
