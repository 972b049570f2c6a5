//! What writes to people, from the configuration.

use url::Host;

use super::App;
use super::branding::Brand;
use crate::config::{Config, MailSecurity, Smtp as Settings};
use crate::mail::message::Letterhead;
use crate::mail::{Mail, Mailbox, Security, Smtp, SmtpSettings};

impl App {
    /// What writes to people, without building anything else. With `dev` it writes into a mailbox.
    pub fn mail(config: &Config, dev: bool) -> Mail {
        match &config.mail.smtp {
            Some(smtp) => Mail::Smtp(Box::new(Smtp::new(settings(config, smtp)))),
            None if dev => Mail::Mailbox(Mailbox::default()),
            None => Mail::Off,
        }
    }

    /// What every mail has at its head.
    pub fn letterhead(config: &Config) -> Letterhead {
        let name = config.mail.smtp.as_ref().and_then(|smtp| smtp.from.name.clone());
        // Nobody knows a server by a number: this one runs on a developer's machine.
        let host = config.issuer.host();
        let host = if config.issuer.is_loopback() { "Latchkey (dev)".to_owned() } else { host };
        let own = Some(config.branding.name.clone()).filter(|_| Brand::new(&config.branding).is_own);
        let (light, dark) = (config.branding.light, config.branding.dark);
        Letterhead { name: name.or(own).unwrap_or(host), issuer: config.issuer.clone(), light, dark }
    }
}

fn settings(config: &Config, smtp: &Settings) -> SmtpSettings {
    let ours = config.issuer.host();
    let hello = smtp.hello_name.clone().map(|name| name.0).or_else(|| Host::parse(&ours).ok());
    SmtpSettings {
        from: smtp.from.clone(),
        reply_to: smtp.reply_to.clone(),
        host: smtp.host.0.clone(),
        port: smtp.port,
        security: match smtp.security {
            MailSecurity::Tls => Security::Tls,
            MailSecurity::StartTls => Security::StartTls,
            MailSecurity::None | MailSecurity::Unencrypted => Security::None,
        },
        login: smtp.login.clone(),
        extra_ca_file: smtp.extra_ca_file.clone(),
        hello: hello.unwrap_or_else(|| Host::Domain(ours.clone())),
        id_domain: smtp.from.address.domain().to_owned(),
        timeout: smtp.timeout,
    }
}
