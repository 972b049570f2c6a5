//! What people do through other providers.

use std::collections::BTreeSet;

use latchkey::domain::access::actor::Actor;
use latchkey::services::federation::{find, tokens};
use serde_json::json;

use super::{Matrix, all};
use crate::federation::{choose, knowing, own_csrf};
use crate::harness::seconds;
use crate::harness::upstream::{CLIENT_ID, Upstream};

/// alice signs in through one, and disconnects it.
pub async fn through_a_provider(matrix: &mut Matrix) {
    let upstream = Upstream::start().await;
    let app = knowing(&upstream, "keep_tokens = \"on\"\n").await;
    let last = all(&app).await.last().map_or(0, |event| event.seq);
    let mut own = Matrix { app: app.clone(), shown: BTreeSet::new(), last };
    let mut browser = app.browser();
    let page = browser.open("/account/connections").await;
    let away = choose(&mut browser, &page).await;
    own.shows(&["federation/begin.rs::begin"], &[]).await;
    upstream.does(|it| {
        let now = app.app.clock.now().as_secs();
        it.claims = vec![("email", json!("alice@example.com")), ("auth_time", json!(now))];
        it.offline = true;
    });
    let page = browser.open(&upstream.signs_in(&app, &away)).await;
    let entered = ["identity.connected success by nobody user", "session.started success by user user session"];
    own.shows(&["federation/sign_in.rs::sign_in"], &entered).await;
    Box::pin(tokens_of_providers(&mut own, &upstream)).await;
    let form = |field: &str, value: String| vec![("csrf".to_owned(), own_csrf(&page)), (field.to_owned(), value)];
    upstream.does(|it| it.claims = vec![("sub", json!("another"))]);
    let away = browser.post("/account/connections", &form("provider", "fake".to_owned())).await.url;
    browser.open(&upstream.signs_in(&app, &away)).await;
    own.shows(&["federation/connections.rs::connect"], &["identity.connected success by user user"]).await;
    let id = crate::federation::identity(&page);
    browser.post("/account/connections", &form("identity", id)).await;
    own.shows(&["federation/connections.rs::disconnect"], &["identity.removed success by user user"]).await;
    let mut other = app.browser();
    let page = other.open("/account").await;
    let away = choose(&mut other, &page).await;
    other.open(&upstream.signs_in(&app, &away)).await;
    own.shows(&[], &["session.started success by user user session"]).await;
    let claims = json!({
        "iss": upstream.issuer, "aud": CLIENT_ID, "sub": "another", "jti": "1",
        "iat": app.app.clock.now().as_secs(), "exp": app.app.clock.now().as_secs() + 60,
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
    });
    let token = upstream.signs(&claims, "logout+jwt");
    app.post("/federation/fake/backchannel-logout", &[("logout_token", &token)]).await;
    own.shows(&["federation/logout.rs::back_channel_logout"], &["session.ended success by system user session"]).await;
    matrix.shown.extend(own.shown);
}

/// The tokens that the provider gave are renewed, and lost.
async fn tokens_of_providers(own: &mut Matrix, upstream: &Upstream) {
    let (app, by) = (own.app.clone(), Actor::system("renew_upstream_tokens"));
    app.advance(seconds(200));
    app.sql("UPDATE upstream_tokens SET renew_at = used_at").await;
    tokens::renew_due(&app.app, &by).await.unwrap();
    let (alice, provider) = (app.user("alice").await.id, find(&app.app, "fake").unwrap());
    tokens::hand_out(&app.app, &by, alice, &provider).await.unwrap();
    own.shows(&["federation/tokens.rs::renew_due", "federation/tokens.rs::hand_out"], &[]).await;
    app.sql("UPDATE upstream_tokens SET renew_at = used_at").await;
    upstream.does(|it| it.takes_back = true);
    tokens::renew_due(&app.app, &by).await.unwrap();
    own.shows(&[], &["upstream_token.lost success by system user"]).await;
    upstream.does(|it| it.takes_back = false);
}
