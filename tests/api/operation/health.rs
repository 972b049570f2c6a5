//! Whether an instance lives and takes requests.

use axum::http::{Request, StatusCode};
use latchkey::http::serve::shutdown::Draining;

use crate::harness::TestApp;

#[tokio::test]
async fn a_server_that_was_told_to_stop_lives_and_serves_but_wants_no_more_requests() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let ask = |path: &str| app.send(Request::get(path).extension(Draining));
    let ready = ask("/readyz").await;
    assert_eq!((ready.status, ready.json()["status"].as_str()), (StatusCode::SERVICE_UNAVAILABLE, Some("draining")));
    assert_eq!(ask("/healthz").await.success()["status"], "ok");
    assert!(ask("/jwks").await.status.is_success());
    let authorize = format!("/authorize?client_id={}", client.id);
    assert_eq!(ask(&authorize).await.status, app.get(&authorize).await.status);
}
