//! What is said to a mail server, and what becomes of every way in which it can fail.

mod failures;
mod sending;
mod server;
mod tls;

use std::time::Duration;

use lettre::Address;
use proptest::prelude::*;
use url::Host;

use self::server::MailServer;
use super::{Letter, Mail, MailError, Security, Smtp, SmtpSettings};
use crate::foundation::id::MailId;
use crate::foundation::mail_address::{MailAddress, NamedAddress};
use crate::foundation::{Random, Timestamp};

/// A mail to alice.
pub fn letter() -> Letter {
    Letter {
        to: MailAddress::parse("alice@example.com").unwrap(),
        subject: "Grüße".into(),
        text: "Hello\n.\nhttps://id.example.com/\n".into(),
        html: "<p>Hello</p>".into(),
        id: MailId::generate(&Random::seeded(1), Timestamp::from_secs(1)),
        written_at: Timestamp::from_secs(1_780_000_000),
    }
}

/// As it is reached at `server`, by this name.
fn settings(server: &MailServer, name: &str, security: Security) -> SmtpSettings {
    SmtpSettings {
        from: NamedAddress::parse("Example Accounts <no-reply@example.com>").unwrap(),
        reply_to: None,
        host: Host::parse(name).unwrap(),
        port: server.address.port(),
        security,
        login: None,
        extra_ca_file: None,
        hello: Host::Domain("id.example.com".into()),
        id_domain: "example.com".into(),
        timeout: Duration::from_secs(20),
    }
}

/// Without TLS.
fn plain(server: &MailServer) -> SmtpSettings {
    settings(server, "127.0.0.1", Security::None)
}

fn smtp(settings: SmtpSettings) -> Mail {
    Mail::Smtp(Box::new(Smtp::new(settings)))
}

async fn fails(settings: SmtpSettings) -> MailError {
    smtp(settings).send(&letter()).await.expect_err("no mail is taken")
}

proptest! {
    #[test]
    fn whatever_is_read_as_an_address_is_one_that_mail_can_be_sent_to(
        local in "[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~\\-\\\\\"()<>,;:\u{e9}\u{fc}\u{ff41}\u{fb01}\u{4e00} ]{1,20}",
        domain in "[a-zA-Z0-9.\\-_%\u{fc}\u{df}\u{3002}\u{ff45}\u{200d}]{1,20}",
    ) {
        if let Ok(read) = MailAddress::parse(&format!("{local}@{domain}")) {
            let sent = Address::new(read.local(), read.domain());
            prop_assert!(sent.is_ok(), "{read}");
            prop_assert_eq!(sent.unwrap().to_string(), read.to_string());
            prop_assert_eq!(MailAddress::parse(&read.to_string()).ok(), Some(read));
        }
    }
}
