//! Mail is a job: it is sent once, whatever the mail server does meanwhile, and nobody can have more sent than is good.

use latchkey::domain::operation::job::State;
use latchkey::foundation::mail_address::MailAddress;
use latchkey::jobs;
use latchkey::jobs::worker::Worker;
use latchkey::services::operation::mail::{self, Queued};
use serde_json::json;

use super::bench::{NEVER, advance_to, rows, work};
use crate::harness::snapshot::assert_page;
use crate::harness::{MailServer, TestApp, VANISHES, operator, seconds};

fn worker(app: &TestApp) -> Worker {
    Worker::new(app.app.clone(), std::sync::Arc::new(jobs::run), NEVER)
}

/// A server that sends by `server`.
async fn sending_by(server: &MailServer) -> TestApp {
    TestApp::configured().sending_by(server).start().await
}

async fn ask(app: &TestApp, to: &str) -> Queued {
    mail::queue_test(&app.app, &operator(), MailAddress::parse(to).unwrap()).await.unwrap()
}

/// Does what is due until nothing waits, with time passing in between. Returns why each attempt failed.
async fn until_settled(app: &TestApp) -> Vec<String> {
    let (mut worker, mut errors) = (worker(app), vec![]);
    for _ in 0..60 {
        work(&mut worker).await;
        let [job] = rows(app).await.try_into().unwrap();
        errors.extend(job.last_error);
        if job.state != State::Waiting {
            break;
        }
        // The server is left alone for ten seconds by another clock: a new instance does not know of that.
        worker = self::worker(&app.another().await);
        advance_to(app, job.run_at);
    }
    errors
}

#[tokio::test(flavor = "multi_thread")]
async fn after_an_outage_a_mail_is_sent_once() {
    let busy = || vec![("CONNECT", "421 too busy")];
    let server =
        MailServer::plain(vec![busy(), vec![("RCPT", "450 greylisted")], vec![("DATA", VANISHES)], busy()]).await;
    let app = sending_by(&server).await;
    ask(&app, "carol@example.com").await;
    let errors = until_settled(&app).await;
    assert_eq!(errors.len(), 4, "{errors:?}");
    assert!(errors.iter().all(|error| error.starts_with("mail server 127.0.0.1:")), "{errors:?}");
    let [job] = rows(&app).await.try_into().unwrap();
    assert_eq!((job.state, job.attempts.begun), (State::Done, 5));
    let [sent] = server.mails().try_into().unwrap();
    assert!(sent.contains(&format!("Message-ID: <{}@example.com>", job.key)), "{sent}");
    assert!(sent.contains("To: carol@example.com") && sent.contains("https://id.test/"), "{sent}");
    work(&mut worker(&app)).await;
    assert_eq!(server.mails().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_answer_to_a_mail_is_lost_it_is_sent_again_under_the_same_message_id() {
    let server = MailServer::plain(vec![vec![("CONTENT", VANISHES)]]).await;
    let app = sending_by(&server).await;
    ask(&app, "carol@example.com").await;
    assert_eq!(until_settled(&app).await.len(), 1);
    let [first, second] = server.mails().try_into().unwrap();
    assert_eq!(first, second);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recipient_that_nobody_knows_is_not_asked_for_again_and_is_not_named() {
    let server = MailServer::plain(vec![vec![("RCPT", "550 5.1.1 no carol@example.com here")]]).await;
    let app = sending_by(&server).await;
    ask(&app, "carol@example.com").await;
    let errors = until_settled(&app).await;
    let [job] = rows(&app).await.try_into().unwrap();
    assert_eq!((job.state, server.connections()), (State::Dead, 1));
    assert!(errors[0].contains("550 5.1.1 no … here"), "{errors:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_mail_is_sealed_and_waits_for_a_server_to_be_configured() {
    let app = TestApp::start().await;
    ask(&app, "carol@example.com").await;
    let mut worker = worker(&app);
    work(&mut worker).await;
    let [job] = rows(&app).await.try_into().unwrap();
    assert_eq!(job.state, State::Waiting);
    assert_eq!(job.last_error.as_deref(), Some("mail: no server is configured"));
    assert!(!format!("{job:?}").contains("carol"), "{job:?}");
    if let Some(path) = app.database.url.strip_prefix("sqlite:") {
        for file in [path.to_owned(), format!("{path}-wal")] {
            let bytes = std::fs::read(file).unwrap_or_default();
            assert!(!bytes.windows(5).any(|window| window == b"carol"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_gets_ten_of_a_kind_in_an_hour_and_others_get_theirs() {
    let app = TestApp::start().await;
    for _ in 0..10 {
        assert_eq!(ask(&app, "carol@example.com").await, Queued::Added);
    }
    for spelling in ["carol@example.com", "Carol@EXAMPLE.com"] {
        assert_eq!(ask(&app, spelling).await, Queued::TooManyToOne);
    }
    assert_eq!(ask(&app, "dave@example.com").await, Queued::Added);
    assert_eq!(rows(&app).await.len(), 11);
    app.advance(seconds(3600));
    assert_eq!(ask(&app, "carol@example.com").await, Queued::Added);
}

#[tokio::test(flavor = "multi_thread")]
async fn in_dev_mail_is_looked_at_in_a_browser_and_as_json() {
    let app = TestApp::configured().explaining().start().await;
    assert_eq!(app.get("/dev/mail.json").await.json(), json!([]));
    for to in ["first@example.com", "second@example.com"] {
        ask(&app, to).await;
        work(&mut worker(&app)).await;
    }
    let mails = app.get("/dev/mail.json").await.json();
    let keys: Vec<_> = mails[0].as_object().unwrap().keys().cloned().collect();
    assert_eq!(keys, ["to", "subject", "text", "html", "links"]);
    assert_eq!((&mails[0]["to"], &mails[1]["to"]), (&json!("second@example.com"), &json!("first@example.com")));
    assert_eq!(mails[0]["links"], json!(["https://id.test/"]));
    let page = app.get("/dev/mail").await;
    let text = String::from_utf8(page.body.to_vec()).unwrap();
    assert!(page.status == 200 && text.contains("second@example.com") && text.contains("https://id.test/"), "{text}");
    let html = text.split("href=\"").find(|part| part.starts_with("/dev/mail/")).unwrap().split('"').next().unwrap();
    let html = app.get(html).await;
    assert_page("dev-mail", &app.browser().open("/dev/mail").await);
    assert!(html.header("content-security-policy").contains("default-src 'none'"));
    assert!(html.header("content-security-policy").contains("sandbox"));
    assert_eq!(String::from_utf8(html.body.to_vec()).unwrap(), mails[0]["html"].as_str().unwrap());
    assert_eq!(app.get("/dev/mail/nothing").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn outside_of_dev_there_is_no_mailbox_to_look_into() {
    let app = TestApp::start().await;
    for path in ["/dev/mail", "/dev/mail.json"] {
        assert_eq!(app.get(path).await.status, 404, "{path}");
    }
}
