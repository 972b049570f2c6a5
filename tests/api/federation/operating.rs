//! What an operator finds out about a provider.

use latchkey::domain::federation::link::Decision;
use latchkey::domain::federation::refusal::UpstreamRefusal;
use latchkey::services::federation::rehearse::{Rehearsal, rehearse};
use latchkey::services::federation::{check, find};
use latchkey::services::operation::decision_traces;
use serde_json::{Value, json};

use super::{knowing, through};
use crate::harness::TestApp;
use crate::harness::upstream::Upstream;

/// The steps that failed, and why.
async fn failed(app: &TestApp) -> Vec<(&'static str, String)> {
    let steps = check::check(&app.app, &find(&app.app, "fake").unwrap()).await;
    steps.into_iter().filter_map(|step| Some((step.name, step.found.err()?))).collect()
}

async fn rehearsed(app: &TestApp, claims: Value) -> Rehearsal {
    let provider = find(&app.app, "fake").unwrap();
    rehearse(&app.app, &provider, claims.as_object().unwrap()).await.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_is_set_up_passes_every_step_and_one_that_is_not_says_which() {
    let upstream = Upstream::start().await;
    let app = knowing(&upstream, "").await;
    let steps = check::check(&app.app, &find(&app.app, "fake").unwrap()).await;
    let names: Vec<_> = steps.iter().map(|step| step.name).collect();
    assert_eq!(names, ["redirect URI", "metadata", "keys", "clock", "client"]);
    assert_eq!(steps[0].found, Ok(format!("{}/federation/fake/callback", app.app.issuer.as_str())));
    // The clock of the test is not that of the machine, which the fake has.
    let wrong = failed(&app).await;
    assert!(matches!(&wrong[..], [("clock", _)]), "{wrong:?}");
    upstream.does(|it| it.token_body = Some(json!({"error": "invalid_client"}).to_string()));
    let wrong = failed(&app).await;
    assert!(wrong.iter().any(|(step, why)| *step == "client" && why.contains("client_secret")), "{wrong:?}");
    upstream.does(|it| it.token_body = Some(json!({"error": "redirect_uri_mismatch"}).to_string()));
    assert!(failed(&app).await.iter().any(|(_, why)| why.contains("register the one above")));
}

#[tokio::test(flavor = "multi_thread")]
async fn metadata_that_are_not_to_be_had_end_the_steps() {
    let upstream = Upstream::start().await;
    upstream.does(|it| it.metadata = vec![("issuer", json!("https://evil.test"))]);
    let app = knowing(&upstream, "").await;
    let wrong = failed(&app).await;
    assert!(matches!(&wrong[..], [("metadata", why)] if why.contains("another issuer")), "{wrong:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_account_somebody_would_get_is_told_and_nothing_is_done() {
    let upstream = Upstream::start().await;
    let app = knowing(&upstream, "").await;
    let before = app.rows().await;
    let stranger = rehearsed(&app, json!({"sub": "1", "email": "new@example.com", "email_verified": true})).await;
    assert_eq!(stranger.decision, Ok(Decision::Create));
    let alice = json!({"sub": "2", "email": "alice@example.com", "email_verified": true});
    let connects = rehearsed(&app, alice.clone()).await;
    assert_eq!(connects.decision, Ok(Decision::Connect));
    assert_eq!(connects.owner.unwrap().username.as_deref(), Some("alice"));
    assert_eq!(app.rows().await, before);
    upstream.does(|it| it.claims = vec![("sub", json!("2")), ("email", json!("alice@example.com"))]);
    through(&app, &upstream, &mut app.browser()).await;
    let known = rehearsed(&app, alice.clone()).await;
    assert_eq!(known.decision, Ok(Decision::SignIn));
    app.disable_user("alice").await;
    assert_eq!(rehearsed(&app, alice).await.decision, Err(UpstreamRefusal::Disabled));
}

#[tokio::test(flavor = "multi_thread")]
async fn why_nobody_was_signed_in_is_found_by_the_request_that_the_page_names() {
    let upstream = Upstream::start().await;
    let app = knowing(&upstream, "").await;
    upstream.does(|it| it.claims = vec![("aud", json!("somebody-else"))]);
    let page = through(&app, &upstream, &mut app.browser()).await;
    let request =
        page.answer.text().split("(request ").nth(1).expect("a request").split(')').next().unwrap().to_owned();
    decision_traces::flush(&app.app).await.unwrap();
    let told = decision_traces::find(&app.app, request.parse().unwrap()).await.unwrap().expect("a trace");
    assert_eq!(told.endpoint, "GET /federation/{provider}/callback");
    assert!(told.trace.facts.iter().any(|fact| fact.value.contains("for another client (aud)")), "{told:?}");
    assert_eq!(told.trace.remedy.commands, ["latchkey providers test fake"]);
}
