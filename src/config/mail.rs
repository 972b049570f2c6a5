//! `[mail]`: who writes to people, and through which server.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use url::Host;

use super::reader::Reader;
use super::setting::{Setting, choice, quote, unreadable};
use crate::foundation::mail_address::NamedAddress;
use crate::foundation::{SecretString, trust};

/// What is sent by mail.
#[derive(Clone, Debug)]
pub struct Mail {
    /// How; `None`: nothing is.
    pub smtp: Option<Smtp>,
}

/// How mail is sent.
#[derive(Clone, Debug)]
pub struct Smtp {
    /// Who writes.
    pub from: NamedAddress,
    /// Who is answered, if it is another.
    pub reply_to: Option<NamedAddress>,
    /// The server's name or address.
    pub host: MailHost,
    /// Its port.
    pub port: u16,
    /// What protects the connection.
    pub security: MailSecurity,
    /// Who we are there: name and password.
    pub login: Option<(String, SecretString)>,
    /// Certificate authorities to trust beside those of the system, PEM.
    pub extra_ca_file: Option<PathBuf>,
    /// What we call ourselves; the issuer's host if it is not said.
    pub hello_name: Option<MailHost>,
    /// How long each answer of the server may take.
    pub timeout: Duration,
}

/// The name or the address of a mail server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailHost(pub Host);

/// What protects the connection to the mail server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailSecurity {
    /// TLS from the first byte (RFC 8314 §3.3).
    Tls,
    /// TLS after STARTTLS (RFC 3207), without which nothing is sent.
    StartTls,
    /// Nothing: for a server on this machine only.
    None,
    /// Nothing, and the operator says that they mean it.
    Unencrypted,
}

impl Mail {
    pub(super) fn read(from: &mut Reader) -> Option<Self> {
        let sender: Option<Option<NamedAddress>> = from.optional("mail.from");
        let reply_to = from.optional("mail.reply_to");
        let host: Option<Option<MailHost>> = from.optional("mail.smtp.host");
        let port: Option<Option<u32>> = from.optional("mail.smtp.port");
        let security: Option<MailSecurity> = from.value("mail.smtp.security");
        let username: Option<Option<String>> = from.optional("mail.smtp.username");
        let password = from.optional_secret("mail.smtp.password", "mail.smtp.password_file");
        let extra_ca_file: Option<Option<PathBuf>> = from.optional("mail.smtp.extra_ca_file");
        let hello_name: Option<Option<MailHost>> = from.optional("mail.smtp.hello_name");
        let timeout = from.within("mail.smtp.timeout", Duration::from_secs(1)..=Duration::from_secs(300));
        let (sender, reply_to, host, port, security) = (sender?, reply_to?, host?, port?, security?);
        let (username, password, extra_ca_file) = (username?, password?, extra_ca_file?);
        let (hello_name, timeout) = (hello_name?, timeout?);

        let Some(host) = host else {
            let idle = [
                ("mail.from", sender.is_some()),
                ("mail.reply_to", reply_to.is_some()),
                ("mail.smtp.port", port.is_some()),
                ("mail.smtp.username", username.is_some()),
                ("mail.smtp.password", password.is_some()),
                ("mail.smtp.extra_ca_file", extra_ca_file.is_some()),
                ("mail.smtp.hello_name", hello_name.is_some()),
            ];
            if let Some((key, _)) = idle.into_iter().find(|(_, is_set)| *is_set) {
                from.refuse(key, "no mail is sent without mail.smtp.host: set both, or neither");
                return None;
            }
            return Some(Self { smtp: None });
        };
        let Some(sender) = sender else {
            from.refuse("mail.smtp.host", "a mail needs somebody who writes it: set mail.from too");
            return None;
        };
        let port = match port.unwrap_or_else(|| security.usual_port()) {
            0 => None,
            port => u16::try_from(port).ok(),
        };
        let Some(port) = port else {
            from.refuse("mail.smtp.port", "must lie between 1 and 65535");
            return None;
        };
        let far = !host.is_loopback();
        if security == MailSecurity::None && far {
            let message = "\"none\" is for a server on this machine: use \"tls\" or \"starttls\", or \"unencrypted\" if \
                           everybody in between may read what people are sent";
            from.refuse("mail.smtp.security", message);
            return None;
        }
        let login = match (username, password) {
            (None, None) => None,
            (Some(_), Some(_)) if security == MailSecurity::Unencrypted && far => {
                from.refuse("mail.smtp.password", "is not sent over a connection that is not encrypted");
                return None;
            }
            (Some(username), Some(password)) => Some((username, password)),
            (Some(_), None) => {
                from.refuse("mail.smtp.username", "needs mail.smtp.password or mail.smtp.password_file too");
                return None;
            }
            (None, Some(_)) => {
                from.refuse("mail.smtp.password", "needs mail.smtp.username too");
                return None;
            }
        };
        // It is read when it is first needed: a fault in it is to be known before.
        if let Some(fault) = extra_ca_file.iter().find_map(|path| trust::in_file(path).err()) {
            from.refuse("mail.smtp.extra_ca_file", fault);
            return None;
        }
        let from = sender;
        let smtp = Smtp { from, reply_to, host, port, security, login, extra_ca_file, hello_name, timeout };
        Some(Self { smtp: Some(smtp) })
    }
}

impl MailSecurity {
    /// The port that is meant by itself (RFC 8314 §7.3, RFC 6409 §3.1, RFC 5321 §4.5.4.2).
    const fn usual_port(self) -> u32 {
        match self {
            Self::Tls => 465,
            Self::StartTls => 587,
            Self::None | Self::Unencrypted => 25,
        }
    }
}

impl MailHost {
    /// Whether it is this machine.
    pub fn is_loopback(&self) -> bool {
        match &self.0 {
            Host::Domain(name) => name == "localhost",
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.is_loopback(),
        }
    }
}

impl Setting for MailHost {
    const EXPECTED: &'static str = "the name or the address of a host such as \"smtp.example.com\"";
    fn from_text(text: &str) -> Result<Self, String> {
        let host = match text.parse::<IpAddr>() {
            Ok(IpAddr::V4(address)) => Ok(Host::Ipv4(address)),
            Ok(IpAddr::V6(address)) => Ok(Host::Ipv6(address)),
            Err(_) => Host::parse(text),
        };
        let is_name = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte));
        match host {
            Ok(Host::Domain(name)) if !is_name(&name) => Err(unreadable::<Self>(text)),
            Ok(host) => Ok(Self(host)),
            Err(_) => Err(unreadable::<Self>(text)),
        }
    }
    fn show(&self) -> String {
        quote(&self.0.to_string())
    }
}

choice!(MailSecurity: Tls = "tls", StartTls = "starttls", None = "none" or Unencrypted = "unencrypted");

impl Setting for NamedAddress {
    const EXPECTED: &'static str = "an address such as \"Example Accounts <no-reply@example.com>\"";
    fn from_text(text: &str) -> Result<Self, String> {
        Self::parse(text).map_err(|error| format!("{}: {error}", unreadable::<Self>(text)))
    }
    fn show(&self) -> String {
        quote(&self.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    /// What is read from these settings of the section, or every problem.
    fn load(mail: &str) -> Result<Mail, String> {
        let text = format!(
            "issuer = \"https://id.example.com\"\n\
             secrets.master_key = \"8ChfKqZ1rUoKcM1XzGv1Wv0yqzR2sW6zNf4pE0uT3bI=\"\n[mail]\n{mail}"
        );
        Config::load(Some(("f".into(), text)), []).map(|config| config.mail).map_err(|error| error.to_string())
    }

    const SENDER: &str = "from = \"Example <no-reply@example.com>\"\n";

    #[test]
    fn without_a_server_there_is_no_mail_and_no_idle_setting() {
        assert!(load("").unwrap().smtp.is_none());
        for idle in [
            SENDER,
            "reply_to = \"a@b.example\"",
            "smtp.username = \"u\"",
            "smtp.port = 25",
            "smtp.password = \"x\"",
            "smtp.extra_ca_file = \"/nowhere\"",
            "smtp.hello_name = \"a.example\"",
        ] {
            let said = load(idle).unwrap_err();
            assert!(said.contains("no mail is sent without mail.smtp.host"), "{idle}: {said}");
        }
    }

    #[test]
    fn a_server_is_reached_by_tls_unless_something_else_is_said() {
        let read =
            |more: &str| load(&format!("{SENDER}smtp.host = \"smtp.example.com\"\n{more}")).unwrap().smtp.unwrap();
        let smtp = read("");
        assert_eq!((smtp.security, smtp.port, smtp.timeout), (MailSecurity::Tls, 465, Duration::from_secs(30)));
        assert_eq!(smtp.from.to_string(), "Example <no-reply@example.com>");
        assert_eq!(read("smtp.security = \"starttls\"").port, 587);
        assert_eq!(read("smtp.security = \"unencrypted\"").port, 25);
        let smtp =
            read("smtp.port = 2465\nsmtp.username = \"u\"\nsmtp.password = \"p\"\nsmtp.hello_name = \"10.0.0.1\"");
        assert_eq!((smtp.port, smtp.login.unwrap().0), (2465, "u".to_owned()));
    }

    #[test]
    fn what_would_send_mail_in_clear_text_or_not_at_all_is_refused() {
        for (mail, wanted) in [
            ("smtp.host = \"a.example\"", "mail.smtp.host: a mail needs somebody who writes it"),
            ("from = \"a@b.example\\r\\nBcc: c@d.example\"\nsmtp.host = \"x\"", "a carriage return"),
            ("from = \"a@b@c.example\"\nsmtp.host = \"x\"", "there must be one @ in it"),
            ("from = \"a@b.example\"\nsmtp.host = \"x\"\nsmtp.security = \"none\"", "is for a server on this machine"),
            ("from = \"a@b.example\"\nsmtp.host = \"x\"\nsmtp.port = 65536", "between 1 and 65535"),
            ("from = \"a@b.example\"\nsmtp.host = \"x\"\nsmtp.username = \"u\"", "needs mail.smtp.password"),
            ("from = \"a@b.example\"\nsmtp.host = \"x\"\nsmtp.password = \"u\"", "needs mail.smtp.username"),
            (
                "from = \"a@b.example\"\nsmtp = { host = \"x\", security = \"unencrypted\", username = \"u\", \
                 password = \"p\" }",
                "is not sent over a connection that is not encrypted",
            ),
            ("from = \"a@b.example\"\nsmtp.host = \"x:25\"", "expected the name or the address of a host"),
            ("from = \"a@b.example\"\nsmtp.host = \"x\"\nsmtp.timeout = \"6m\"", "must lie between"),
            ("from = \"a@b.example\"\nsmtp.host = \"x\"\nsmtp.extra_ca_file = \"/no\"", "cannot use the CA file /no"),
        ] {
            let said = load(mail).err().unwrap_or_default();
            assert!(said.contains(wanted), "{mail}: {said}");
        }
        for host in ["127.0.0.1", "::1", "localhost"] {
            let near = load(&format!("{SENDER}smtp = {{ host = \"{host}\", security = \"none\" }}")).unwrap();
            assert!(near.smtp.unwrap().host.is_loopback());
        }
    }
}
