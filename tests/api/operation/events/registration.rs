//! Applications that register themselves are the authors of that, and operators of the tokens that let them.

use std::collections::BTreeSet;

use latchkey::domain::access::actor::{Actor, Origin};
use latchkey::services::oauth::registration::{self, Answer, NewToken};
use serde_json::json;

use super::Matrix;
use crate::harness::{TestApp, operator, seconds};

pub async fn registered() -> BTreeSet<&'static str> {
    let app = TestApp::configured().toml("[registration]\ndynamic = \"token\"\n").start().await;
    let last = super::all(&app).await.last().map_or(0, |event| event.seq);
    let mut own = Matrix { app: app.clone(), shown: BTreeSet::new(), last };
    let (nobody, by) = (Actor::nobody(Origin::default()), operator());
    let new = NewToken { name: "Partners".into(), uses: 2, lifetime: seconds(3600) };
    let (token, secret) = registration::create_token(&app.app, &by, new).await.unwrap();
    let wanted = ["initial_access_token.created success by command_line initial_access_token"];
    own.shows(&["oauth/registration/initial_tokens.rs::create_token"], &wanted).await;
    let document = json!({"redirect_uris": ["https://app.test/cb"]}).to_string();
    let answer = registration::register(&app.app, &nobody, Some(secret.expose()), document.as_bytes()).await.unwrap();
    let Answer::Registered(first) = answer else { panic!("it is registered") };
    own.shows(&["oauth/registration/register.rs::register"], &["client.registered success by client client"]).await;
    let (id, key) = (first.client.id.clone(), first.token.expose());
    let document = json!({"client_id": id, "redirect_uris": ["https://app.test/cb2"]}).to_string();
    registration::replace(&app.app, &nobody, &id, key, document.as_bytes()).await.unwrap();
    own.shows(&["oauth/registration/manage.rs::replace"], &["client.updated success by client client"]).await;
    registration::forget(&app.app, &nobody, &id, key).await.unwrap();
    let wanted = ["client.deleted success by client client", "client.disabled success by client client"];
    own.shows(&["oauth/registration/manage.rs::forget"], &wanted).await;
    registration::register(&app.app, &nobody, Some(secret.expose()), br#"{"redirect_uris": ["https://a.test/"]}"#)
        .await
        .unwrap();
    own.shows(&[], &["client.registered success by client client"]).await;
    app.advance(seconds(8 * 86_400));
    assert_eq!(registration::delete_unused(&app.app, &Actor::system("prune")).await.unwrap(), 1);
    let wanted = ["client.deleted success by system client", "client.disabled success by system client"];
    own.shows(&["oauth/registration/unused.rs::delete_unused"], &wanted).await;
    registration::revoke_token(&app.app, &by, token.id).await.unwrap();
    let wanted = ["initial_access_token.revoked success by command_line initial_access_token"];
    own.shows(&["oauth/registration/initial_tokens.rs::revoke_token"], &wanted).await;
    own.shown
}
