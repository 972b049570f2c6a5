//! Why a request was refused: what `latchkey why` finds, by the id that stands on the page, in the error or in the header.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::http::{Request, header};
use latchkey::app::App;
use latchkey::domain::access::actor::Actor;
use latchkey::domain::operation::decision_trace::Recorded;
use latchkey::services::operation::{decision_traces, prune};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

use crate::harness::{Answer, Client, REDIRECT, TestApp, body, encode, seconds};

/// What is known of an answer's request once the background has written it down.
async fn why(app: &TestApp, answer: &Answer) -> Option<Recorded> {
    decision_traces::flush(&app.app).await.expect("it is written down");
    find(&app.app, answer).await
}

async fn find(app: &App, answer: &Answer) -> Option<Recorded> {
    let request = answer.header("x-request-id").parse().expect("a request id");
    decision_traces::find(app, request).await.expect("an answer")
}

fn fact<'a>(recorded: &'a Recorded, label: &str) -> &'a str {
    recorded.trace.facts.iter().find(|fact| fact.label == label).map_or("", |fact| &fact.value)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_a_json_error_and_an_error_at_the_client_are_explained_by_their_id_on_every_instance() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let id = &client.id;
    let other = app.another().await;
    let sent = format!("{REDIRECT}/");
    let mut browser = app.browser();
    let page = browser.open(&client.request().with("redirect_uri", &sent).url()).await;
    page.is_error_page(400);
    let found = why(&app, &page.answer).await.expect("a trace");
    assert_eq!(Some(&found), find(&other.app, &page.answer).await.as_ref(), "on another instance too");
    assert_eq!((&*found.endpoint, found.at), ("GET /authorize", app.clock.now()));
    assert_eq!(found.trace.client.as_deref(), Some(&**id));
    assert_eq!((fact(&found, "redirect_uri sent"), fact(&found, "registered")), (&*sent, REDIRECT));
    let command = format!("latchkey clients update {id} --redirect-uri {REDIRECT} --redirect-uri {sent}");
    assert_eq!(found.trace.remedy.commands, [command]);

    let wrong = app.call(body(Request::post("/token").header(header::AUTHORIZATION, "Basic bm9ib2R5Ong="), "")).await;
    wrong.refused("invalid_client");
    let found = why(&app, &wrong).await.expect("a trace");
    assert_eq!((&*found.endpoint, &found.trace.client), ("POST /token", &None));
    assert_eq!(fact(&found, "because"), "there is no client with this id");
    assert_eq!(found.trace.remedy.commands, ["latchkey clients list"]);

    let refused = client.client_credentials().await;
    refused.refused("unauthorized_client");
    let found = why(&app, &refused).await.expect("a trace");
    assert_eq!(found.trace.client.as_deref(), Some(&**id), "the one that authenticated");
    let command = format!(
        "latchkey clients update {id} --grant authorization_code --grant refresh_token --grant client_credentials"
    );
    assert_eq!(found.trace.remedy.commands, [command]);

    for mode in ["query", "form_post"] {
        let request = client.request().with("scope", "orders").with("response_mode", mode);
        let page = browser.open(&request.url()).await;
        let found = why(&app, &page.answer).await.expect("a trace");
        assert_eq!((&*found.trace.error, &*found.endpoint), ("invalid_scope", "GET /authorize"));
        assert!(found.trace.remedy.commands[0].contains(&format!("clients update {id} --scope 'address email")));
        assert!(found.trace.remedy.commands[0].ends_with(" orders'"), "{:?}", found.trace.remedy);
    }
    let bearer = app.send(Request::get("/userinfo").header(header::AUTHORIZATION, "Bearer nonsense")).await;
    assert_eq!(fact(&why(&app, &bearer).await.expect("a trace"), "because"), "no such token was issued");
    let without = app.get("/userinfo").await;
    assert_eq!(why(&app, &without).await.expect("a trace").trace.description, "This endpoint needs an access token.");
    assert_eq!(why(&app, &app.get("/").await).await, None, "what is answered leaves nothing");
    assert_eq!(why(&app, &app.get("/nothing").await).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_is_there_for_a_day() {
    let app = TestApp::start().await;
    let answer = app.post("/token", &[]).await;
    app.advance(seconds(10));
    assert!(why(&app, &answer).await.is_some());
    app.advance(Duration::from_secs(24 * 3600 - 11));
    assert!(find(&app.app, &answer).await.is_some());
    app.advance(seconds(2));
    assert_eq!(find(&app.app, &answer).await, None);
    let server = app.app.clone();
    let pruned = tokio::spawn(async move { prune::all(&server, &Actor::system("test")).await });
    pruned.await.expect("no panic").expect("it prunes");
    assert_eq!(app.rows().await["decision_traces"], 0);
}

/// What is logged, as `name=value` lines.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.push_str(&format!("{}={value:?}\n", field.name()));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.push_str(&format!("{}={value}\n", field.name()));
    }
}

impl<S: Subscriber> Layer<S> for Log {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut line = Line(String::new());
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }
}

#[tokio::test]
async fn the_log_the_page_and_the_command_say_the_same() {
    let app = TestApp::configured().explaining().start().await;
    let client = app.client().create().await;
    let log = Log::default();
    let _listening = tracing::subscriber::set_default(tracing_subscriber::registry().with(log.clone()));
    let page = app.browser().open(&client.request().with("redirect_uri", "https://app.test/other").url()).await;
    page.is_error_page(400);
    let trace = why(&app, &page.answer).await.expect("a trace").trace;
    let lines = log.0.lock().unwrap().clone();
    let line = lines.iter().find(|line| line.contains("message=refused")).expect("a line");
    assert_eq!(lines.iter().filter(|line| line.contains("refused")).count(), 1, "{lines:?}");
    let shown = page.answer.text().replace("<mark title=\"first difference\">", "").replace("</mark>", "");
    let shown = shown.replace("&#39;", "'");
    assert!(line.contains(&format!("detail={}\n", trace.detail())), "{line}");
    assert!(line.contains(&format!("remedy={}\n", trace.remedy)), "{line}");
    assert!(trace.facts.len() >= 4 && trace.remedy.commands.len() == 1);
    let values = trace.facts.iter().map(|fact| &fact.value);
    for value in values.chain(&trace.remedy.commands).chain([&trace.remedy.advice, &trace.error, &trace.description]) {
        assert!(shown.contains(value.as_str()), "{value} is not on the page: {shown}");
        assert!(line.contains(&value.replace('"', "\\\"")), "{value} is not in the log: {line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_sent_no_secret_is_kept() {
    const SECRETS: [&str; 4] = [
        "lk_cs_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg123456",
        "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        "eyJhbGciOiJFUzI1NiIsInR5cCI6.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUifQ.c2lnbmF0dXJlLW9mLW5vYm9keQ",
        "hunter2-correct-horse",
    ];
    const PARAMETERS: [&str; 27] = [
        "client_id",
        "client_secret",
        "client_assertion",
        "client_assertion_type",
        "redirect_uri",
        "response_type",
        "response_mode",
        "scope",
        "state",
        "nonce",
        "prompt",
        "max_age",
        "login_hint",
        "id_token_hint",
        "acr_values",
        "claims",
        "code_challenge",
        "code_challenge_method",
        "request",
        "request_uri",
        "grant_type",
        "code",
        "code_verifier",
        "refresh_token",
        "token",
        "access_token",
        "post_logout_redirect_uri",
    ];
    // A word that a person chose looks like any other word: it stays out where people type, and where secrets belong.
    let chosen = [
        "client_secret",
        "state",
        "nonce",
        "login_hint",
        "id_token_hint",
        "code",
        "code_verifier",
        "refresh_token",
        "token",
        "access_token",
        "client_assertion",
        "code_challenge",
        "claims",
    ];
    let app = TestApp::start().await;
    let client = app.client().confidential().create().await;
    let mut kept = Vec::new();
    for (number, name) in (0..).zip(PARAMETERS) {
        let secrets = if chosen.contains(&name) { &SECRETS[..] } else { &SECRETS[..3] };
        let words = format!("openid {}", secrets.join(" "));
        let query: Vec<_> = secrets.iter().map(|secret| format!("x={secret}")).collect();
        let url = format!("https://app.test/cb?{}", query.join("&"));
        // Each parameter from elsewhere: all of them are to be kept.
        let from = IpAddr::V4(Ipv4Addr::from_bits(0x0a00_0000 + number * 256));
        let mut answers = Vec::new();
        for value in [words, url] {
            let plain = [(name, value.as_str())];
            let code = [("grant_type", "authorization_code"), (name, value.as_str())];
            let form = |path: &str, form: &[(&str, &str)]| body(Request::post(path), encode(form));
            let query = client.request().with(name, &value).url();
            for request in [
                form("/token", &plain),
                client.authenticated("/token", &code),
                client.authenticated("/introspect", &plain),
                form("/userinfo", &plain),
                form("/logout", &plain),
                Request::get(query).body(axum::body::Body::empty()).expect("a request"),
                Request::get("/userinfo")
                    .header(header::AUTHORIZATION, format!("Bearer {value}"))
                    .body(axum::body::Body::empty())
                    .expect("a request"),
            ] {
                answers.push(app.call_from(request, from).await);
            }
        }
        decision_traces::flush(&app.app).await.expect("they are written down");
        for answer in answers {
            kept.extend(find(&app.app, &answer).await.map(|recorded| (name, secrets, recorded)));
        }
    }
    assert!(kept.len() > 200, "only {} were refused", kept.len());
    for (name, secrets, recorded) in kept {
        let text = format!("{recorded:?}");
        let mut parts = secrets.iter().flat_map(|secret| secret.split('.'));
        assert!(parts.all(|part| !text.contains(part)), "{name}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_is_bounded_and_hides_nobody_elses() {
    let app = TestApp::start().await;
    let flooder = |number: u32| IpAddr::V4(Ipv4Addr::from_bits(0xc612_0000 + number % 256));
    let refuse = async |client: u32| {
        let form = encode(&[("grant_type", "password"), ("client_id", &client.to_string())]);
        app.call_from(body(Request::post("/token"), form), flooder(client)).await
    };
    for round in 0..16 {
        for number in 0..8 {
            refuse(round * 8 + number).await;
        }
        decision_traces::flush(&app.app).await.expect("it is written down");
        app.advance(seconds(1));
    }
    assert_eq!(app.rows().await["decision_traces"], 50, "of one network and one reason");

    let quiet = app.post("/token", &[]).await;
    for number in 0..600 {
        refuse(number).await;
    }
    let neighbour = app.call_from(body(Request::post("/token"), String::new()), flooder(9)).await;
    let late = app.browser().open("/authorize?client_id=shop").await;
    assert!(why(&app, &quiet).await.is_some(), "before the flood");
    assert!(find(&app.app, &late.answer).await.is_some(), "after it");
    assert!(find(&app.app, &neighbour).await.is_some(), "in the midst of it, for another reason");
    assert!(app.rows().await["decision_traces"] <= 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_is_throttled_is_told_what_was_wrong_all_the_same() {
    let app = TestApp::configured().toml("[login]\nclient_attempts = 1\n").start().await;
    let client = app.client().confidential().create().await;
    let wrong = async || {
        let basic = Client { secret: "x".to_owned(), ..client.clone() }.basic();
        app.call(body(Request::post("/token").header(header::AUTHORIZATION, basic), "")).await
    };
    wrong().await.refused("invalid_client");
    let throttled = wrong().await;
    assert_eq!(throttled.status, 429);
    let found = why(&app, &throttled).await.expect("a trace");
    assert_eq!(fact(&found, "because"), "the secret is wrong");
    assert_eq!(found.trace.remedy.commands, [format!("latchkey clients rotate-secret {}", client.id)]);
    assert!(found.trace.description.contains("too often"));
}

/// A database that does not answer is no reason to forget why, once it is back.
#[tokio::test(flavor = "multi_thread")]
async fn what_did_not_answer_is_told_once_it_does_again() {
    let app = TestApp::start().await;
    let client = app.client().public().create().await;
    app.sql("ALTER TABLE refresh_tokens RENAME TO gone").await;
    let answer = client.refresh("x").await;
    assert!(answer.status.is_server_error(), "{}", answer.status);
    app.sql("ALTER TABLE gone RENAME TO refresh_tokens").await;
    let found = why(&app, &answer).await.expect("a trace");
    assert!(!fact(&found, "cause").is_empty());
    assert!(["temporarily_unavailable", "server_error"].contains(&&*found.trace.error));
}
