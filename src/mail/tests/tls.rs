//! With whom TLS is spoken, and that nothing is said without it.

use std::fs;

use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters};
use lettre::transport::smtp::extension::ClientId;

use super::server::Speaks;
use super::*;
use crate::foundation::SecretString;
use crate::foundation::trust::tests::TestFiles;
use crate::mail::Step;

async fn server(speaks: Speaks, files: &TestFiles) -> MailServer {
    MailServer::with_tls(speaks, (&files.cert, &files.key), vec![]).await
}

fn trusting(server: &MailServer, security: Security, files: &TestFiles) -> SmtpSettings {
    let login = Some(("user".to_owned(), SecretString::new("pass".into())));
    let extra_ca_file = Some(files.cert.clone());
    SmtpSettings { login, extra_ca_file, ..settings(server, "localhost", security) }
}

#[tokio::test]
async fn mail_is_encrypted_from_the_first_byte_or_after_starttls() {
    let files = TestFiles::new("localhost");
    for (speaks, security) in [(Speaks::Tls, Security::Tls), (Speaks::StartTls, Security::StartTls)] {
        let server = server(speaks, &files).await;
        let accepted = smtp(trusting(&server, security, &files)).send(&letter()).await.unwrap();
        assert!(accepted.is_encrypted);
        assert_eq!(server.mails().len(), 1);
    }
}

#[tokio::test]
async fn nothing_is_told_to_a_server_that_has_not_proved_itself() {
    let files = TestFiles::new("other.example");
    let ours = TestFiles::new("localhost");
    for (speaks, security, step) in
        [(Speaks::Tls, Security::Tls, Step::Connect), (Speaks::StartTls, Security::StartTls, Step::StartTls)]
    {
        // Another's certificate, though its authority is trusted; and one of nobody's authority.
        let other = server(speaks, &files).await;
        let error = fails(trusting(&other, security, &files)).await;
        assert!(error.step == step && error.to_string().contains("not valid for name"), "{error}");
        let unknown = server(speaks, &ours).await;
        let error = fails(SmtpSettings { extra_ca_file: None, ..trusting(&unknown, security, &ours) }).await;
        assert!(error.step == step && error.to_string().contains("certificate"), "{error}");
        for server in [other, unknown] {
            let said = server.commands();
            assert!(said.iter().all(|command| command.starts_with("EHLO") || command == "STARTTLS"), "{said:?}");
        }
    }
}

#[tokio::test]
async fn what_was_said_before_tls_is_not_believed_after_it() {
    let files = TestFiles::new("localhost");
    // In one packet with the answer to STARTTLS, as if EHLO had been asked already.
    let injected = "220 go ahead\r\n250-mail.test\r\n250 AUTH PLAIN";
    for said in [injected, "220 go ahead\r\n250 fine", "220 go ahead\r\n\r\n"] {
        let script = vec![("STARTTLS", said)];
        let server = MailServer::with_tls(Speaks::StartTls, (&files.cert, &files.key), vec![script]).await;
        let error = fails(trusting(&server, Security::StartTls, &files)).await;
        assert!(error.step == Step::StartTls && !error.is_for_good(), "{error}");
        assert_eq!(server.commands(), ["EHLO id.example.com", "STARTTLS"], "no name, no password, no mail");
    }
}

/// Why there is `mail/by_line.rs`. If this fails one day, lettre forgets by itself what was said before.
#[tokio::test]
async fn lettre_alone_would_believe_it() {
    let files = TestFiles::new("localhost");
    let script = vec![("STARTTLS", "220 go ahead\r\n250-injected.test\r\n250 AUTH PLAIN")];
    let server = MailServer::with_tls(Speaks::StartTls, (&files.cert, &files.key), vec![script]).await;
    let authority = Certificate::from_pem(&fs::read(&files.cert).unwrap()).unwrap();
    let tls = TlsParameters::builder("localhost".into()).certificate_store(CertificateStore::None);
    let tls = tls.add_root_certificate(authority).build_rustls().unwrap();
    let hello = ClientId::Domain("id.example.com".into());
    let connecting = AsyncSmtpConnection::connect_tokio1(server.address, None, &hello, None, None);
    let mut connection = connecting.await.unwrap();
    connection.starttls(tls, &hello).await.unwrap();
    assert_eq!((connection.is_encrypted(), connection.server_info().name()), (true, "injected.test"));
}

#[tokio::test]
async fn a_server_without_starttls_gets_nothing() {
    let files = TestFiles::new("localhost");
    let server = server(Speaks::Plain, &files).await;
    let error = fails(trusting(&server, Security::StartTls, &files)).await;
    assert!(error.step == Step::StartTls && error.to_string().contains("does not offer it"), "{error}");
    assert!(!server.commands().iter().any(|command| command.starts_with("AUTH") || command.starts_with("MAIL")));
}
