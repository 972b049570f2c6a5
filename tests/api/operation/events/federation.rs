//! What people do through other providers.

use std::collections::BTreeSet;

use serde_json::json;

use super::{Matrix, all};
use crate::federation::{choose, knowing, own_csrf};
use crate::harness::upstream::Upstream;

/// alice signs in through one, and disconnects it.
pub async fn through_a_provider(matrix: &mut Matrix) {
    let upstream = Upstream::start().await;
    let app = knowing(&upstream, "").await;
    let last = all(&app).await.last().map_or(0, |event| event.seq);
    let mut own = Matrix { app: app.clone(), shown: BTreeSet::new(), last };
    let mut browser = app.browser();
    let page = browser.open("/account/connections").await;
    let away = choose(&mut browser, &page).await;
    own.shows(&["federation/begin.rs::begin"], &[]).await;
    upstream.does(|it| it.claims = vec![("email", json!("alice@example.com"))]);
    let page = browser.open(&upstream.signs_in(&app, &away)).await;
    let entered = ["identity.connected success by nobody user", "session.started success by user user session"];
    own.shows(&["federation/sign_in.rs::sign_in"], &entered).await;
    let form = |field: &str, value: String| vec![("csrf".to_owned(), own_csrf(&page)), (field.to_owned(), value)];
    upstream.does(|it| it.claims = vec![("sub", json!("another"))]);
    let away = browser.post("/account/connections", &form("provider", "fake".to_owned())).await.url;
    browser.open(&upstream.signs_in(&app, &away)).await;
    own.shows(&["federation/connections.rs::connect"], &["identity.connected success by user user"]).await;
    let id = crate::federation::identity(&page);
    browser.post("/account/connections", &form("identity", id)).await;
    own.shows(&["federation/connections.rs::disconnect"], &["identity.removed success by user user"]).await;
    matrix.shown.extend(own.shown);
}
