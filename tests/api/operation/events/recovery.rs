//! What somebody does who is not signed in, by a link that was sent by mail.

use std::collections::BTreeSet;

use latchkey::domain::access::actor::{Actor, Origin};
use latchkey::foundation::SecretString;
use latchkey::services::account::recover;
use latchkey::services::factor::lost_factors;

use super::{Matrix, all};
use crate::harness::{Browser, Page, TestApp, operator, seconds};

/// On a server that has a mailbox.
pub async fn by_mail(matrix: &mut Matrix) {
    let app = TestApp::configured().explaining().start().await;
    let last = all(&app).await.last().map_or(0, |event| event.seq);
    let mut own = Matrix { app: app.clone(), shown: BTreeSet::new(), last };
    let mut browser = app.browser();
    let page = browser.open("/recover").await;
    browser.press(&page, "recover-submit", &[("username", "bob")]).await;
    own.shows(&[], &[]).await;
    app.work().await;
    own.shows(&[], &["recovery.requested success by nobody user"]).await;
    let link = app.mailed_link("bob@example.com");
    let token = link.split_once("token=").unwrap().1;
    let by = Actor::nobody(Origin::default());
    recover::reset(&app.app, &by, token, SecretString::new("quite-another-passphrase".into())).await.unwrap();
    let wanted = ["user.password_changed success by nobody user", "user.updated success by nobody user"];
    own.shows(&["account/recover.rs::reset"], &wanted).await;
    sign_in(matrix).await;
    Box::pin(lost(matrix)).await;
    matrix.shown.extend(own.shown);
}

async fn sign_in(matrix: &mut Matrix) {
    let app = TestApp::configured().explaining().start().await;
    let last = all(&app).await.last().map_or(0, |event| event.seq);
    let mut own = Matrix { app: app.clone(), shown: BTreeSet::new(), last };
    for shown in ["sign_in/by_mail.rs::by_link", "sign_in/by_mail.rs::by_code"] {
        let mut browser = app.browser();
        let page = browser.open("/account").await;
        let page = browser.press(&page, "login-email", &[("username", "alice"), ("password", "")]).await;
        app.work().await;
        own.shows(&[], &["sign_in_link.sent success by nobody user"]).await;
        if shown.ends_with("link") {
            let page = browser.open(&app.mailed_link("alice@example.com")).await;
            browser.press(&page, "link-submit", &[]).await;
        } else {
            let text = app.mails("alice@example.com")[0].text.clone();
            let code = text.split("Your code is ").nth(1).unwrap().split('.').next().unwrap();
            browser.press(&page, "code-submit", &[("code", code)]).await;
        }
        own.shows(&[shown], &["session.started success by user user session"]).await;
    }
    matrix.shown.extend(own.shown);
}

/// What is said of lost second factors, stopped and followed up.
async fn lost(matrix: &mut Matrix) {
    let app = TestApp::configured().explaining().start().await;
    app.add_totp("alice").await;
    let last = all(&app).await.last().map_or(0, |event| event.seq);
    let mut own = Matrix { app: app.clone(), shown: BTreeSet::new(), last };
    let reported = ["lost_factors.reported success by nobody user"];
    for shown in ["factor/lost_factors.rs::cancel_by_link", "factor/lost_factors.rs::cancel"] {
        let (mut browser, page) = at_lost(&app).await;
        browser.press(&page, "lost-begin", &[]).await;
        own.shows(&["sign_in/lost_factors.rs::begin"], &reported).await;
        app.work().await;
        if shown.ends_with("link") {
            let page = browser.open(&app.mailed_link("alice@example.com")).await;
            browser.press(&page, "cancel-recovery", &[]).await;
            own.shows(&[shown], &["lost_factors.cancelled success by nobody user"]).await;
        } else {
            let id = app.user("alice").await.id;
            assert!(lost_factors::cancel(&app.app, &operator(), id).await.unwrap());
            own.shows(&[shown], &["lost_factors.cancelled success by command_line user"]).await;
        }
    }
    let (mut browser, page) = at_lost(&app).await;
    browser.press(&page, "lost-begin", &[]).await;
    own.shows(&[], &reported).await;
    app.advance(seconds(72 * 3600));
    lost_factors::remind(&app.app, &Actor::system("test")).await.unwrap();
    own.shows(&["factor/lost_factors.rs::remind"], &[]).await;
    let (mut browser, page) = at_lost(&app).await;
    let page = browser.press(&page, "lost-send", &[]).await;
    own.shows(&["sign_in/lost_factors.rs::send_code"], &[]).await;
    app.work().await;
    let mails = app.mails("alice@example.com");
    let after = mails.iter().find_map(|mail| mail.text.split("Your code is ").nth(1)).unwrap();
    let code = after.split('.').next().unwrap().to_owned();
    browser.press(&page, "lost-verify", &[("code", &code)]).await;
    let wanted = ["factor.removed success by nobody user factor"];
    own.shows(&["sign_in/lost_factors.rs::complete"], &wanted).await;
    matrix.shown.extend(own.shown);
}

async fn at_lost(app: &TestApp) -> (Browser, Page) {
    let mut browser = app.browser();
    let page = browser.open("/account").await;
    let page = browser.sign_in(&page, "alice").await;
    let flow = page.hidden("mfa-submit", "flow");
    let page = browser.open(&format!("/second-factor/lost?flow={flow}")).await;
    (browser, page)
}
