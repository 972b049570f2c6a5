//! What people do about what happened to their account.

use std::collections::BTreeSet;

use latchkey::domain::access::actor::Actor;
use latchkey::services::account::{self, CodeGiven, Disputed, EmailCode, Exported, Leaving};

use super::Matrix;
use crate::harness::{TestApp, fresh, seconds};

/// bob says of his last sign-in that it was not him.
pub async fn disputed(matrix: &mut Matrix) {
    let app = matrix.app.app.clone();
    let bob = matrix.app.user("bob").await;
    let (me, held) = fresh(&matrix.app, &bob).await;
    let found = account::activity(&app, bob.id, None).await.unwrap().events;
    let last = found.iter().find(|event| event.action == "session.started").unwrap().seq;
    assert_eq!(account::dispute(&app, &me, held.session(), last).await.unwrap(), Disputed::Ended);
    assert_eq!(account::dispute(&app, &me, held.session(), i64::MAX).await.unwrap(), Disputed::NoSuchEvent);
    let wanted = ["activity.disputed success by user user event session", "session.ended success by user user session"];
    matrix.shows(&["account/activity.rs::dispute"], &wanted).await;
}

/// bob takes his data along.
pub async fn took_along(matrix: &mut Matrix) {
    let app = matrix.app.app.clone();
    let bob = matrix.app.user("bob").await;
    let (me, held) = fresh(&matrix.app, &bob).await;
    matrix.last = super::all(&matrix.app).await.last().map_or(0, |event| event.seq);
    assert!(matches!(account::own_data(&app, &me, &held).await.unwrap(), Exported::Data(_)));
    matrix.shows(&["account/own_data.rs::own_data"], &["user.data_exported success by user user"]).await;
}

/// bob deletes his account, keeps it, and deletes it for good.
pub async fn left(matrix: &mut Matrix) {
    let app = TestApp::start().await;
    let bob = app.user("bob").await;
    let mut own = Matrix { app: app.clone(), shown: BTreeSet::new(), last: 0 };
    let (me, held) = fresh(&app, &bob).await;
    own.last = super::all(&app).await.last().map_or(0, |event| event.seq);
    assert!(matches!(account::leave(&app.app, &me, &held, "bob").await.unwrap(), Leaving::At(_)));
    assert_eq!(account::leave(&app.app, &me, &held, "bob").await.unwrap(), Leaving::Overtaken);
    let wanted = ["session.ended success by user user", "user.deletion_begun success by user user"];
    own.shows(&["account/leave.rs::leave"], &wanted).await;
    let (me, held) = fresh(&app, &bob).await;
    assert!(account::stay(&app.app, &me, bob.id).await.unwrap());
    assert!(!account::stay(&app.app, &me, bob.id).await.unwrap(), "nothing is changed, and nothing told");
    own.shows(&["account/leave.rs::stay"], &["user.deletion_undone success by user user"]).await;
    account::leave(&app.app, &me, &held, "bob").await.unwrap();
    own.shows(&[], &wanted).await;
    let system = Actor::system("delete_accounts");
    assert_eq!(account::delete_due(&app.app, &system).await.unwrap(), 0);
    app.advance(seconds(14 * 86_400));
    assert_eq!(account::delete_due(&app.app, &system).await.unwrap(), 1);
    own.shows(&["account/leave.rs::delete_due"], &["user.deleted success by system user"]).await;
    matrix.shown.extend(own.shown);
}

/// alice confirms an address by a code that is wrong, and thinks better of it: nothing changes.
pub async fn address_by_api(matrix: &mut Matrix, app: &TestApp) {
    let alice = app.user("alice").await;
    let (me, held) = fresh(app, &alice).await;
    matrix.last = super::all(app).await.last().map_or(0, |event| event.seq);
    let given = CodeGiven { request: "x", code: "1234 5678", from: "192.0.2.1".parse().unwrap() };
    let session = held.session();
    let wrong = account::confirm_address_by_code(&app.app, &me, alice.id, session, given).await.unwrap();
    assert_eq!(wrong, EmailCode::Wrong);
    account::cancel_address(&app.app, &me, alice.id).await.unwrap();
    let services = [
        "account/code_brake.rs::hit",
        "account/confirm_email_code.rs::confirm_address_by_code",
        "account/confirm_email_code.rs::cancel_address",
    ];
    matrix.shows(&services, &[]).await;
}

/// fred makes an account in an application of ours, by the code of its mail.
pub async fn account_by_code(matrix: &mut Matrix, app: &TestApp) {
    let client = app.client().first_party().create().await;
    let form = [("response_type", "code"), ("scope", "openid"), ("method", "sign_up")];
    let typed = [("email", "fred@example.com"), ("password", "quite-another-passphrase")];
    let asked = client.post("/authorize-challenge", &[form.as_slice(), &typed].concat()).await.json();
    let text = app.mail_to("fred@example.com").await.text;
    let code = text.split("Your code is ").nth(1).unwrap().split('.').next().unwrap();
    let given = [("auth_session", asked["auth_session"].as_str().unwrap()), ("email_code", code)];
    client.post("/authorize-challenge", &given).await.success();
    let wanted = [
        "client.registered success by command_line client",
        "session.started success by user user session",
        "user.created success by nobody user",
    ];
    matrix.shows(&["account/sign_up/by_code.rs::confirm_by_code"], &wanted).await;
}
