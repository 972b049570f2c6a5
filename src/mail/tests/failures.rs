//! Servers that fail in every part of the conversation.

use super::server::{HANGS, VANISHES};
use super::*;
use crate::foundation::SecretString;
use crate::mail::{LONGEST, Reason, Step};

#[tokio::test]
async fn a_refusal_is_for_good_only_where_it_is_about_this_mail() {
    let login = Some(("user".to_owned(), SecretString::new("pass".into())));
    for (word, answer, step, for_good) in [
        ("CONNECT", "554 no service", Step::Connect, false),
        ("CONNECT", "421 too busy", Step::Connect, false),
        ("AUTH", "535 5.7.8 bad credentials", Step::SignIn, false),
        ("MAIL", "550 5.7.1 not your address", Step::Sender, false),
        ("RCPT", "450 4.2.1 greylisted", Step::Recipient, false),
        ("RCPT", "530 5.7.0 Authentication required", Step::Recipient, false),
        ("RCPT", "550 5.1.1 nobody is alice@example.com", Step::Recipient, true),
        ("DATA", "452 no room", Step::Data, false),
        ("CONTENT", "451 4.3.0 try later", Step::Content, false),
        ("CONTENT", "554 5.6.0 looks like spam", Step::Content, true),
    ] {
        let server = MailServer::plain(vec![vec![(word, answer)]]).await;
        let error = fails(SmtpSettings { login: login.clone(), ..plain(&server) }).await;
        assert_eq!((error.step, error.is_for_good()), (step, for_good), "{answer}: {error}");
        assert!(error.to_string().contains(&answer[..3]) && !error.to_string().contains("alice@"), "{error}");
        assert!(!error.advice().is_empty() && server.mails().is_empty());
    }
}

#[tokio::test]
async fn silence_and_a_lost_connection_are_for_now() {
    for word in ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "CONTENT"] {
        let server = MailServer::plain(vec![vec![(word, VANISHES)]]).await;
        let error = fails(plain(&server)).await;
        assert!(matches!(error.reason, Reason::Broken(_)) && !error.is_for_good(), "{word}: {error}");
    }
    for (word, step) in [("CONNECT", Step::Connect), ("RCPT", Step::Recipient)] {
        let server = MailServer::plain(vec![vec![(word, HANGS)]]).await;
        let short = SmtpSettings { timeout: Duration::from_millis(300), ..plain(&server) };
        let error = fails(short).await;
        assert!(matches!(error.reason, Reason::Silence(_)) && error.step == step, "{word}: {error}");
    }
}

#[tokio::test]
async fn what_was_taken_is_sent_whatever_becomes_of_the_farewell() {
    for farewell in [HANGS, VANISHES, "500 what?"] {
        let server = MailServer::plain(vec![vec![("QUIT", farewell)]]).await;
        assert!(smtp(plain(&server)).send(&letter()).await.is_ok(), "{farewell}");
    }
}

#[tokio::test]
async fn when_the_answer_is_lost_the_repetition_has_the_same_message_id() {
    let server = MailServer::plain(vec![vec![("CONTENT", VANISHES)]]).await;
    let error = fails(plain(&server)).await;
    assert_eq!((error.step, error.is_for_good()), (Step::Content, false));
    smtp(plain(&server)).send(&letter()).await.unwrap();
    let [first, second] = server.mails().try_into().unwrap();
    assert_eq!(first, second);
}

#[tokio::test]
async fn a_server_that_cannot_be_reached_is_left_alone_for_a_moment() {
    let server = MailServer::plain(vec![vec![("CONNECT", "421 too busy")]]).await;
    let mail = smtp(plain(&server));
    assert!(matches!(mail.send(&letter()).await.unwrap_err().reason, Reason::Refused(421, _)));
    let error = mail.send(&letter()).await.unwrap_err();
    assert_eq!(server.connections(), 1);
    assert!(matches!(&error.reason, Reason::Resting(why) if matches!(**why, Reason::Refused(421, _))), "{error}");
    assert!(error.to_string().contains("421 too busy"), "what is wrong is said each time: {error}");
    assert!(!error.is_for_good());
}

#[tokio::test]
async fn nothing_is_sent_without_a_server_or_beyond_all_measure() {
    let error = Mail::Off.send(&letter()).await.unwrap_err();
    assert!(!error.is_for_good() && error.to_string() == "mail: no server is configured", "{error}");
    assert!(!Mail::Off.is_configured());
    let server = MailServer::plain(vec![]).await;
    let long = Letter { text: "x".repeat(LONGEST + 1), ..letter() };
    assert!(smtp(plain(&server)).send(&long).await.unwrap_err().is_for_good());
    assert_eq!(server.connections(), 0);
}
