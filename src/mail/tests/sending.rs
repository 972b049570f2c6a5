//! What is said when all goes well.

use super::*;
use crate::foundation::SecretString;

#[tokio::test]
async fn a_mail_is_to_one_person_and_known_by_its_message_id() {
    let server = MailServer::plain(vec![]).await;
    let reply_to = Some(NamedAddress::parse("Hélène <help@example.com>").unwrap());
    let mail = smtp(SmtpSettings { reply_to, ..plain(&server) });
    let accepted = mail.send(&letter()).await.unwrap();
    assert_eq!(accepted.server, format!("127.0.0.1:{}", server.address.port()));
    assert_eq!((&*accepted.answer, accepted.is_encrypted), ("250 2.0.0 queued as 4XyZ", false));
    let wanted =
        ["EHLO id.example.com", "MAIL FROM:<no-reply@example.com>", "RCPT TO:<alice@example.com>", "DATA", "QUIT"];
    assert_eq!(server.commands(), wanted);
    let [sent] = server.mails().try_into().unwrap();
    let id = letter().id;
    for line in [
        "From: \"Example Accounts\" <no-reply@example.com>",
        "To: alice@example.com",
        "Subject: =?utf-8?b?R3LDvMOfZQ==?=",
        "Date: Thu, 28 May 2026 20:26:40 +0000",
        &format!("Message-ID: <{id}@example.com>"),
        "Auto-Submitted: auto-generated",
        "X-Auto-Response-Suppress: All",
        "MIME-Version: 1.0",
        // A line that is a dot would end the mail (RFC 5321 §4.5.2).
        "..",
        "https://id.example.com/",
        "<p>Hello</p>",
    ] {
        assert!(sent.lines().any(|sent| sent == line), "{line}: {sent}");
    }
    assert!(sent.contains("Reply-To: =?utf-8?b?") && sent.contains("<help@example.com>"), "{sent}");
    assert!(sent.is_ascii());
    mail.send(&letter()).await.unwrap();
    assert_eq!(server.mails(), [sent.clone(), sent], "a repetition is the same to the last byte");
}

#[tokio::test]
async fn no_value_of_a_mail_becomes_a_header_or_a_command() {
    let server = MailServer::plain(vec![]).await;
    let hostile = "x\r\nBcc: eve@example.com\r\n\r\n.\r\nRCPT TO:<eve@example.com>\r\n";
    let letter = Letter { subject: hostile.into(), text: hostile.into(), html: hostile.into(), ..letter() };
    smtp(plain(&server)).send(&letter).await.unwrap();
    assert_eq!(server.commands().len(), 5, "{:?}", server.commands());
    let sent = server.mails().concat();
    let (head, _) = sent.split_once("\r\n\r\n").unwrap();
    assert!(!head.contains("\r\nBcc"), "{head}");
}

#[tokio::test]
async fn name_and_password_are_told_before_anything_else() {
    let server = MailServer::plain(vec![]).await;
    let login = Some(("user".to_owned(), SecretString::new("pass".into())));
    smtp(SmtpSettings { login, ..plain(&server) }).send(&letter()).await.unwrap();
    assert_eq!(server.commands()[1], "AUTH PLAIN AHVzZXIAcGFzcw==");
}

#[tokio::test]
async fn letters_of_other_scripts_need_a_server_that_knows_them() {
    let to = MailAddress::parse("Åsa@exämple.com").unwrap();
    let server = MailServer::plain(vec![vec![], vec![("EHLO", "250-mail.test\r\n250 SMTPUTF8")]]).await;
    let error = smtp(plain(&server)).send(&Letter { to: to.clone(), ..letter() }).await.unwrap_err();
    assert!(error.is_for_good() && error.to_string().contains("no SMTPUTF8"), "{error}");
    smtp(plain(&server)).send(&Letter { to, ..letter() }).await.unwrap();
    let commands = server.commands();
    assert!(commands.contains(&"MAIL FROM:<no-reply@example.com> SMTPUTF8".to_owned()), "{commands:?}");
    assert!(commands.contains(&"RCPT TO:<Åsa@xn--exmple-cua.com>".to_owned()), "{commands:?}");
}
