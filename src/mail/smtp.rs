//! Mail over SMTP (RFC 5321), one connection for each mail: they are few, and an idle connection is one that the server has
//! closed when it is needed.

use std::future::Future;
use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, SystemTime};

use lettre::address::Address;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart, SinglePart};
use lettre::transport::smtp;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{
    AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters, TlsParametersBuilder,
};
use lettre::transport::smtp::commands::{Data, Mail as MailFrom, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};
use lettre::transport::smtp::response::Response;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use url::Host;

use super::by_line::ByLine;
use super::error::{MailError, Reason, Step, discreet};
use super::letter::{Accepted, Letter};
use crate::foundation::mail_address::{MailAddress, NamedAddress};
use crate::foundation::{SecretString, trust};

/// For the answer to the mail itself (RFC 5321 §4.5.3.2.6): a server that scans it is slow, and has often taken it by the
/// time at which an impatient client gives up and sends it again.
const CONTENT: Duration = Duration::from_secs(600);
/// How long a server is left alone that could not be reached. Each of thousands of mails would otherwise wait for it in
/// turn, and take the place of other jobs meanwhile.
const REST: Duration = Duration::from_secs(10);
/// For the farewell, when everything is settled.
const QUIT: Duration = Duration::from_secs(1);

/// A mail server, and who we are there.
#[derive(Clone, Debug)]
pub struct SmtpSettings {
    /// Who writes.
    pub from: NamedAddress,
    /// Who is answered, if it is another.
    pub reply_to: Option<NamedAddress>,
    /// The server.
    pub host: Host,
    /// Its port.
    pub port: u16,
    /// What protects the connection.
    pub security: Security,
    /// Name and password.
    pub login: Option<(String, SecretString)>,
    /// Certificate authorities to trust beside those of the system, PEM.
    pub extra_ca_file: Option<PathBuf>,
    /// What we call ourselves.
    pub hello: Host,
    /// What stands behind the `@` of each Message-ID: a name of ours.
    pub id_domain: String,
    /// How long each answer may take.
    pub timeout: Duration,
}

/// What protects a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte (RFC 8314 §3.3).
    Tls,
    /// TLS after STARTTLS (RFC 3207), or nothing is sent.
    StartTls,
    /// Nothing.
    None,
}

/// A mail server.
pub struct Smtp {
    settings: SmtpSettings,
    tls: OnceLock<TlsParameters>,
    /// Until when it is not asked again, and why.
    rests: Mutex<Option<(Instant, Reason)>>,
}

impl Smtp {
    /// A server that is reached when there is something to send: one that is down does not keep us from starting.
    pub fn new(settings: SmtpSettings) -> Self {
        Self { settings, tls: OnceLock::new(), rests: Mutex::new(None) }
    }

    /// Sends a mail.
    ///
    /// # Errors
    /// In which part it failed.
    pub async fn send(&self, letter: &Letter) -> Result<Accepted, MailError> {
        let message = self.message(letter)?;
        if let Some(why) = self.rests() {
            return Err(self.error(Step::Connect, Reason::Resting(Box::new(why))));
        }
        let mut connection = match self.connect().await {
            Ok(connection) => connection,
            Err(error) => {
                if error.is_unreachable() {
                    self.rest(error.reason.clone());
                }
                return Err(error);
            }
        };
        let is_encrypted = connection.is_encrypted();
        let outcome = self.converse(&mut connection, letter, &message).await;
        // What is settled is not unsettled by a farewell that gets no answer.
        let _politeness = timeout(QUIT, connection.abort()).await;
        outcome.map(|response| {
            let words: Vec<_> = response.message().collect();
            let answer = discreet(&format!("{} {}", response.code(), words.join(" ")));
            Accepted { server: self.server(), is_encrypted, answer }
        })
    }

    /// A connection that is encrypted as configured.
    async fn connect(&self) -> Result<AsyncSmtpConnection, MailError> {
        let SmtpSettings { host, port, security, timeout, .. } = &self.settings;
        let hello = client_id(&self.settings.hello);
        let tls = match security {
            Security::None => None,
            Security::Tls | Security::StartTls => Some(self.tls()?),
        };
        let name = bare(host);
        let tls = match (security, tls) {
            (Security::StartTls, Some(tls)) => tls,
            (_, tls) => {
                let connecting =
                    AsyncSmtpConnection::connect_tokio1((name.as_str(), *port), Some(*timeout), &hello, tls, None);
                return self.within(Step::Connect, *timeout, connecting).await;
            }
        };
        let connecting = AsyncSmtpConnection::connect_with_transport(self.by_line(&name).await?, &hello);
        let mut connection = self.within(Step::Connect, *timeout, connecting).await?;
        if !connection.can_starttls() {
            let missing = "the server does not offer it, and nothing is sent without".to_owned();
            return Err(self.error(Step::StartTls, Reason::Broken(missing)));
        }
        self.within(Step::StartTls, *timeout, connection.starttls(tls, &hello)).await?;
        Ok(connection)
    }

    /// A connection on which TLS begins later: nothing that was said before is taken for something that was said in it.
    async fn by_line(&self, name: &str) -> Result<Box<ByLine>, MailError> {
        let SmtpSettings { port, timeout: limit, .. } = &self.settings;
        match timeout(*limit, TcpStream::connect((name, *port))).await {
            Ok(Ok(stream)) => Ok(Box::new(ByLine::new(stream))),
            Ok(Err(error)) => Err(self.error(Step::Connect, Reason::Broken(discreet(&error.to_string())))),
            Err(_) => Err(self.error(Step::Connect, Reason::Silence(*limit))),
        }
    }

    async fn converse(
        &self,
        connection: &mut AsyncSmtpConnection,
        letter: &Letter,
        message: &[u8],
    ) -> Result<Response, MailError> {
        let SmtpSettings { from, login, timeout, .. } = &self.settings;
        if let Some((username, password)) = login {
            let credentials = Credentials::new(username.clone(), password.expose().to_owned());
            let signing_in = connection.auth(&[Mechanism::Plain, Mechanism::Login], &credentials);
            self.within(Step::SignIn, *timeout, signing_in).await?;
        }
        let (sender, recipient) = (address(&from.address)?, address(&letter.to)?);
        let mut parameters = vec![];
        // RFC 6531 §3.4: only a server that says so knows what to do with such an address.
        if !from.address.local().is_ascii() || !letter.to.local().is_ascii() {
            if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
                let why = "the server cannot send to an address with letters that are not ASCII (no SMTPUTF8)";
                return Err(MailError { server: Some(self.server()), ..MailError::unfit(why) });
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        let begin = connection.command(MailFrom::new(Some(sender), parameters));
        self.within(Step::Sender, *timeout, begin).await?;
        self.within(Step::Recipient, *timeout, connection.command(Rcpt::new(recipient, vec![]))).await?;
        self.within(Step::Data, *timeout, connection.command(Data)).await?;
        self.within(Step::Content, CONTENT, connection.message(message)).await
    }

    /// The letter as it is transferred (RFC 5322), the same in each attempt.
    fn message(&self, letter: &Letter) -> Result<Vec<u8>, MailError> {
        let micros = u64::try_from(letter.written_at.as_micros()).unwrap_or(0);
        let mut builder = Message::builder()
            .from(mailbox(&self.settings.from)?)
            .to(Mailbox::new(None, address(&letter.to)?))
            .subject(&*letter.subject)
            .date(SystemTime::UNIX_EPOCH + Duration::from_micros(micros))
            .message_id(Some(format!("<{}@{}>", letter.id, self.settings.id_domain)))
            // RFC 3834 §5: nobody's absence is to be told to us. The second is the same for Exchange.
            .raw_header(header(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated"))
            .raw_header(header(HeaderName::new_from_ascii_str("X-Auto-Response-Suppress"), "All"));
        if let Some(reply_to) = &self.settings.reply_to {
            builder = builder.reply_to(mailbox(reply_to)?);
        }
        let parts = MultiPart::alternative().boundary(format!("part-{}", letter.id));
        let parts = parts.singlepart(SinglePart::plain(letter.text.clone()));
        let message = builder.multipart(parts.singlepart(SinglePart::html(letter.html.clone())));
        Ok(message.map_err(|_| MailError::unfit("it cannot be put into the form of a mail"))?.formatted())
    }

    fn tls(&self) -> Result<TlsParameters, MailError> {
        if let Some(tls) = self.tls.get() {
            return Ok(tls.clone());
        }
        let made = self.make_tls().map_err(|error| self.error(Step::Connect, Reason::Broken(error.to_string())))?;
        Ok(self.tls.get_or_init(|| made).clone())
    }

    /// Certificates are verified by what the machine trusts and the operator's own authorities, names too.
    fn make_tls(&self) -> io::Result<TlsParameters> {
        let SmtpSettings { host, extra_ca_file, .. } = &self.settings;
        let mut builder = TlsParametersBuilder::new(bare(host)).certificate_store(CertificateStore::None);
        for authority in trust::authorities(extra_ca_file.as_deref())? {
            let certificate = Certificate::from_der(authority.to_vec()).map_err(io::Error::other)?;
            builder = builder.add_root_certificate(certificate);
        }
        builder.build_rustls().map_err(io::Error::other)
    }

    /// What `work` comes to, or how it failed in this part of the conversation.
    async fn within<T>(
        &self,
        step: Step,
        limit: Duration,
        work: impl Future<Output = Result<T, smtp::Error>>,
    ) -> Result<T, MailError> {
        let error = match timeout(limit, work).await {
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(error)) => error,
            Err(_) => return Err(self.error(step, Reason::Silence(limit))),
        };
        let source = || std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
        let reason = match error.status() {
            Some(code) => Reason::Refused(code.into(), discreet(&source())),
            None if error.is_timeout() => Reason::Silence(limit),
            None => Reason::Broken(discreet(&error.to_string())),
        };
        Err(self.error(step, reason))
    }

    fn error(&self, step: Step, reason: Reason) -> MailError {
        MailError { server: Some(self.server()), step, reason }
    }

    fn server(&self) -> String {
        format!("{}:{}", self.settings.host, self.settings.port)
    }

    fn rests(&self) -> Option<Reason> {
        let rests = self.rests.lock().unwrap_or_else(PoisonError::into_inner);
        rests.as_ref().filter(|(until, _)| Instant::now() < *until).map(|(_, why)| why.clone())
    }

    fn rest(&self, why: Reason) {
        *self.rests.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now() + REST, why));
    }
}

/// A host without the brackets that IPv6 has in URLs.
fn bare(host: &Host) -> String {
    match host {
        Host::Domain(name) => name.clone(),
        Host::Ipv4(address) => address.to_string(),
        Host::Ipv6(address) => address.to_string(),
    }
}

fn client_id(host: &Host) -> ClientId {
    match host {
        Host::Domain(name) => ClientId::Domain(name.clone()),
        Host::Ipv4(address) => ClientId::Ipv4(*address),
        Host::Ipv6(address) => ClientId::Ipv6(*address),
    }
}

fn address(address: &MailAddress) -> Result<Address, MailError> {
    let refused = |_| MailError::unfit("its address is one that mail cannot be sent to");
    Address::new(address.local(), address.domain()).map_err(refused)
}

fn mailbox(named: &NamedAddress) -> Result<Mailbox, MailError> {
    Ok(Mailbox::new(named.name.clone(), address(&named.address)?))
}

fn header(name: HeaderName, value: &str) -> HeaderValue {
    HeaderValue::new(name, value.to_owned())
}
