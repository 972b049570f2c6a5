//! Somebody is invited, and makes their account.

use latchkey::domain::account::error::AccountError;
use latchkey::services::ServiceError;
use latchkey::services::account::sign_up::{NewInvitation, invite};

use crate::harness::snapshot::assert_page;
use crate::harness::{MailServer, Page, Shows, TestApp, operator, seconds};

const PASSWORD: &str = "quite-another-passphrase";

fn to(email: &str, username: Option<&str>) -> NewInvitation {
    NewInvitation { email: email.into(), username: username.map(str::to_owned), valid: None }
}

/// A server at which only those sign up who are invited.
async fn by_invitation() -> (TestApp, MailServer) {
    let mail = MailServer::plain(vec![]).await;
    let toml = "[signup]\nmode = \"invitation\"\nusername = \"optional\"\n";
    (TestApp::configured().sending_by(&mail).toml(toml).start().await, mail)
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_invited_chooses_a_password_and_is_signed_in() {
    let (app, mail) = by_invitation().await;
    let invited = invite(&app.app, &operator(), to("dave@example.com", Some("Dave"))).await.unwrap();
    app.work().await;
    let [sent] = mail.mails().try_into().unwrap();
    assert!(sent.contains("To: dave@example.com") && sent.contains("/signup?invitation=3D"), "{sent}");
    let mut browser = app.browser();
    let before = app.rows().await;
    let page = browser.open(invited.link.expose()).await;
    assert_eq!(app.rows().await, before, "programs that open it use nothing up");
    assert_page("invitation", &page);
    let weak = browser.press(&page, "signup-submit", &[("password", "short")]).await;
    assert!(weak.answer.text().contains("id=\"password-error\""));
    let typed = [("email", "mallory@example.com"), ("username", "mallory"), ("password", PASSWORD)];
    let welcome = browser.press(&weak, "signup-submit", &typed).await;
    assert_eq!(welcome.url, "/account");
    let dave = app.user("dave@example.com").await;
    assert_eq!((dave.username.as_deref(), dave.email_verified), (Some("Dave"), true), "what the invitation says");
    let again = app.browser().open(invited.link.expose()).await;
    assert_eq!((again.shows(), again.answer.status.as_u16()), (Shows::Message, 404));
    // Nobody else gets in.
    app.browser().open("/signup").await.is_error_page(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_ends_with_its_time_with_the_next_one_and_with_the_account() {
    let (app, _mail) = by_invitation().await;
    let short = NewInvitation { valid: Some(seconds(60)), ..to("dave@example.com", None) };
    let first = invite(&app.app, &operator(), short).await.unwrap();
    let mut browser = app.browser();
    assert_eq!(browser.open(first.link.expose()).await.shows(), Shows::SignUp);
    app.advance(seconds(60));
    assert_eq!(browser.open(first.link.expose()).await.shows(), Shows::Message);
    let second = invite(&app.app, &operator(), to("dave@example.com", None)).await.unwrap();
    let third = invite(&app.app, &operator(), to("Dave@Example.com", None)).await.unwrap();
    assert_eq!(browser.open(second.link.expose()).await.shows(), Shows::Message, "the newest holds");
    let page = browser.open(third.link.expose()).await;
    let taken = browser.press(&page, "signup-submit", &[("username", "alice"), ("password", PASSWORD)]).await;
    assert!(taken.answer.text().contains("id=\"username-error\""), "{}", taken.answer.text());
    let welcome = browser.press(&taken, "signup-submit", &[("username", "dave"), ("password", PASSWORD)]).await;
    assert_eq!(welcome.url, "/account", "the same invitation, with another name");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_invited_with_a_username_that_somebody_got_meanwhile_chooses_another() {
    let (app, _mail) = by_invitation().await;
    let invited = invite(&app.app, &operator(), to("dave@example.com", Some("dave"))).await.unwrap();
    let mut browser = app.browser();
    let before = browser.open(invited.link.expose()).await;
    app.sql("UPDATE login_identifiers SET identifier = 'dave', skeleton = NULL WHERE identifier = 'bob'").await;
    // Whoever had the page open, and whoever opens it now.
    for page in [before.clone(), browser.open(invited.link.expose()).await] {
        let field = |page: &Page| {
            page.answer.text().split("id=\"username\"").nth(1).unwrap().split('>').next().unwrap().to_owned()
        };
        let again = browser.press(&page, "signup-submit", &[("password", PASSWORD)]).await;
        assert!(again.answer.text().contains("id=\"username-error\""), "{}", again.answer.text());
        assert!(!field(&again).contains("readonly"), "{}", field(&again));
    }
    let page = browser.open(invited.link.expose()).await;
    let none = browser.press(&page, "signup-submit", &[("username", " "), ("password", PASSWORD)]).await;
    assert!(none.answer.text().contains("id=\"username-error\""), "one was meant for them");
    let welcome = browser.press(&none, "signup-submit", &[("username", "dave2"), ("password", PASSWORD)]).await;
    assert_eq!(welcome.url, "/account");
    let dave = app.user("dave@example.com").await;
    assert_eq!(dave.username.as_deref(), Some("dave2"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_invited_who_has_an_account_or_where_there_is_no_sign_up() {
    let (app, _mail) = by_invitation().await;
    for new in [to("alice@example.com", None), to("dave@example.com", Some("ALICE")), to("d@example.com", Some("b0b"))]
    {
        let refused = invite(&app.app, &operator(), new).await;
        assert!(matches!(refused, Err(ServiceError::Account(AccountError::Taken { .. }))));
    }
    let closed = TestApp::start().await;
    let refused = invite(&closed.app, &operator(), to("dave@example.com", None)).await;
    assert!(matches!(refused, Err(ServiceError::Account(AccountError::NoInvitations))));
}
