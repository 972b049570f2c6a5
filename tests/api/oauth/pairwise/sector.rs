//! Which sector a client belongs to, and that its document says so (OpenID Connect Core §8.1, Registration §2, §5).

use latchkey::domain::oauth::client::changes::Changes;
use latchkey::domain::oauth::client::registration_error::RegistrationError;
use latchkey::domain::oauth::client::sector::{NotHad, SectorRefused};
use latchkey::domain::oauth::client::subject_type::SubjectType;
use latchkey::services::ServiceError;
use latchkey::services::oauth::client::update;
use serde_json::{Value, json};

use super::{client_at, sub};
use crate::harness::signer::Publisher;
use crate::harness::{REDIRECT, Receiver, TestApp, operator, seconds};

const SECOND: &str = "https://second.test/callback";

async fn registering(publisher: &Publisher) -> TestApp {
    let open = "[registration]\ndynamic = \"open\"\n";
    TestApp::configured().toml(open).toml(&publisher.toml()).start().await
}

fn document(publisher: &Publisher, uris: &[&str]) -> Value {
    json!({"redirect_uris": uris, "subject_type": "pairwise", "sector_identifier_uri": publisher.url})
}

#[tokio::test(flavor = "multi_thread")]
async fn oidcc_registration_sector_uri_the_clients_in_one_document_share_a_sector() {
    let publisher = Publisher::start(json!([REDIRECT, SECOND, "https://third.test/"])).await;
    let app = registering(&publisher).await;
    let first = app.registered(&app.register(None, &document(&publisher, &[REDIRECT, SECOND])).await);
    assert_eq!(
        (&first.told["subject_type"], &first.told["sector_identifier_uri"]),
        (&json!("pairwise"), &json!(publisher.url))
    );
    let read = first.read().await.success();
    assert_eq!((&read["subject_type"], &read["sector_identifier_uri"]), (&json!("pairwise"), &json!(publisher.url)));
    let second = app.registered(&app.register(None, &document(&publisher, &["https://third.test/"])).await);
    let alice = sub(&first.client(), "alice").await;
    assert_eq!(alice, sub(&second.client(), "alice").await);
    // The sector is the host of the document, wherever the redirect URIs are.
    assert_ne!(alice, sub(&client_at(&app, REDIRECT).await, "alice").await);
    assert_eq!(publisher.asked(), 2, "once for each");
}

#[tokio::test(flavor = "multi_thread")]
async fn oidcc_registration_sector_bad_a_document_without_the_redirect_uri_is_refused() {
    let publisher = Publisher::start(json!([SECOND])).await;
    let app = registering(&publisher).await;
    let answer = app.register(None, &document(&publisher, &[REDIRECT])).await;
    answer.refused("invalid_client_metadata");
    assert!(answer.text().contains(REDIRECT), "{}", answer.text());
    // With public subs the document has to be right as well.
    let public = json!({"redirect_uris": [REDIRECT], "sector_identifier_uri": publisher.url});
    app.register(None, &public).await.refused("invalid_client_metadata");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_does_not_come_is_told_as_that() {
    let publisher = Publisher::start("").await;
    let app = registering(&publisher).await;
    let long = json!([REDIRECT, "x".repeat(64 * 1024)]).to_string();
    for (status, body, said) in [
        (404, String::new(), "its server answered 404"),
        (302, json!([REDIRECT]).to_string(), "its server answered 302"),
        (500, String::new(), "its server answered 500"),
        (200, long, "sent too much"),
        (200, "<html>".to_owned(), "no JSON array"),
        (200, json!({"redirect_uris": [REDIRECT]}).to_string(), "no JSON array"),
    ] {
        publisher.answers(status, &body);
        let answer = app.register(None, &document(&publisher, &[REDIRECT])).await;
        answer.refused("invalid_client_metadata");
        assert!(answer.text().contains(said), "{said}: {}", answer.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_we_do_not_fetch_for_the_moment_is_no_fault_of_the_application() {
    let receiver = Receiver::start().await;
    receiver.hangs();
    let toml = format!("[registration]\ndynamic = \"open\"\n{}", Receiver::toml(&[&receiver]));
    let app = TestApp::configured().toml(&toml).start().await;
    let sent = json!({"redirect_uris": [REDIRECT], "sector_identifier_uri": receiver.url("/f.json")});
    let register = || {
        let (app, sent) = (app.clone(), sent.clone());
        tokio::spawn(async move { app.register(None, &sent).await })
    };
    // As many calls of one server as there may be at one time.
    let waiting: Vec<_> = (0..4).map(|_| register()).collect();
    receiver.was_told(4).await;
    let answer = app.register(None, &sent).await;
    answer.refused_with(axum::http::StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable");
    assert_eq!(answer.header("retry-after"), "10");
    waiting.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_has_us_call_a_server_that_is_not_to_be_called_or_hears_where_it_is() {
    let publisher = Publisher::start("").await;
    let app = registering(&publisher).await;
    for (uri, said) in [
        ("ftp://sector.test/f.json", "sector_identifier_uri must be"),
        ("https://sector.test/f.json#x", "sector_identifier_uri must be"),
        ("https://127.0.0.1:9/f.json", "cannot be called from here"),
        ("https://10.0.0.1/f.json", "cannot be called from here"),
        ("https://localhost/f.json", "cannot be called from here"),
    ] {
        let mut sent = document(&publisher, &[REDIRECT]);
        sent["sector_identifier_uri"] = json!(uri);
        let answer = app.register(None, &sent).await;
        answer.refused("invalid_client_metadata");
        let text = answer.text();
        assert!(text.contains(said) && !text.contains("outbound.allow"), "{uri}: {text}");
    }
    let mut plain = document(&publisher, &[REDIRECT]);
    plain["sector_identifier_uri"] = json!("http://sector.test/f.json");
    app.register(None, &plain).await.refused("invalid_client_metadata");
    assert_eq!(publisher.asked(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_document_all_redirect_uris_are_on_one_host_of_the_web() {
    let publisher = Publisher::start("").await;
    let app = registering(&publisher).await;
    let register = async |uris: &[&str]| {
        let sent = json!({"redirect_uris": uris, "subject_type": "pairwise", "token_endpoint_auth_method": "none"});
        app.register(None, &sent).await
    };
    for uris in [
        &[REDIRECT, SECOND][..],
        &["com.example.app:/cb"],
        &["http://127.0.0.1/cb"],
        &[REDIRECT, "com.example.app:/cb"],
    ] {
        let answer = register(uris).await;
        answer.refused("invalid_client_metadata");
        assert!(answer.text().contains("subject_type pairwise needs sector_identifier_uri"), "{}", answer.text());
    }
    app.registered(&register(&[REDIRECT, "https://app.test:8443/other"]).await);
    let unknown = json!({"redirect_uris": [REDIRECT], "subject_type": "private"});
    app.register(None, &unknown).await.refused("invalid_client_metadata");
    let usual = app.registered(&app.register(None, &json!({"redirect_uris": [REDIRECT]})).await);
    assert_eq!(usual.told["subject_type"], "public");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_uri_that_comes_later_has_to_be_in_the_document_too() {
    let publisher = Publisher::start(json!([REDIRECT])).await;
    let app = registering(&publisher).await;
    let own = app.registered(&app.register(None, &document(&publisher, &[REDIRECT])).await);
    let replacing = async |uris: &[&str]| {
        let mut sent = document(&publisher, uris);
        sent["client_id"] = json!(own.id());
        own.replace(&sent).await
    };
    publisher.answers(500, "");
    replacing(&[REDIRECT]).await.success();
    assert_eq!(publisher.asked(), 1, "nothing changes that it has a say in");
    replacing(&[REDIRECT, SECOND]).await.refused("invalid_client_metadata");
    publisher.answers(200, json!([REDIRECT]));
    replacing(&[REDIRECT, SECOND]).await.refused("invalid_client_metadata");
    assert_eq!(own.read().await.success()["redirect_uris"], json!([REDIRECT]), "nothing has changed");
    publisher.answers(200, json!([SECOND, REDIRECT]));
    replacing(&[REDIRECT, SECOND]).await.success();
    assert_eq!(publisher.asked(), 4);
    // What is left out takes its default.
    let public = own.replace(&json!({"client_id": own.id(), "redirect_uris": [REDIRECT]})).await.success();
    assert_eq!((&public["subject_type"], public.get("sector_identifier_uri")), (&json!("public"), None));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_has_its_document_fetched_so_often_in_an_hour() {
    let publisher = Publisher::start(json!([REDIRECT])).await;
    let app = registering(&publisher).await;
    let own = app.registered(&app.register(None, &document(&publisher, &[REDIRECT])).await);
    let mut sent = document(&publisher, &[REDIRECT, SECOND]);
    sent["client_id"] = json!(own.id());
    for _ in 0..20 {
        own.replace(&sent).await.refused("invalid_client_metadata");
    }
    let answer = own.replace(&sent).await;
    answer.refused_with(axum::http::StatusCode::TOO_MANY_REQUESTS, "temporarily_unavailable");
    assert!(!answer.header("retry-after").is_empty());
    assert_eq!(publisher.asked(), 21);
    app.advance(seconds(3_601));
    own.replace(&sent).await.refused("invalid_client_metadata");
    assert_eq!(publisher.asked(), 22);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operators_change_takes_the_document_as_well_and_says_what_is_wrong() {
    let publisher = Publisher::start(json!([REDIRECT])).await;
    let app = registering(&publisher).await;
    let client = app.client().first_party().create().await;
    let to = |uri: &str| Changes {
        subject_type: Some(SubjectType::Pairwise),
        sector_identifier_uri: Some(Some(uri.to_owned())),
        ..Changes::default()
    };
    let change = async |changes: Changes| update(&app.app, &operator(), &client.client_id(), changes).await;
    let refused = async |changes: Changes| match change(changes).await.err().expect("a refusal") {
        ServiceError::Registration(RegistrationError::Sector(why)) => why,
        other => panic!("{other:?}"),
    };
    let why = refused(to("https://127.0.0.1:9/f.json")).await;
    assert!(why.to_string().contains("outbound.allow"), "an operator hears how to mend it: {why}");
    publisher.answers(404, "");
    assert_eq!(refused(to(&publisher.url)).await, SectorRefused::NotHad(NotHad::Status(404)));
    publisher.answers(200, json!([SECOND]));
    assert_eq!(refused(to(&publisher.url)).await, SectorRefused::NotListed { uri: REDIRECT.to_owned() });
    publisher.answers(200, json!([REDIRECT]));
    change(to(&publisher.url)).await.unwrap();
    let more = Changes { redirect_uris: Some(vec![REDIRECT.into(), SECOND.into()]), ..Changes::default() };
    assert_eq!(refused(more).await, SectorRefused::NotListed { uri: SECOND.to_owned() });
    let asked = publisher.asked();
    change(Changes { name: Some("Another".into()), ..Changes::default() }).await.unwrap();
    assert_eq!(publisher.asked(), asked, "its name is no business of the document");
    assert!(sub(&client, "alice").await.starts_with("pairwise-"));
}
