//! The configuration: compiled-in defaults, then a file, then `LATCHKEY_` variables. A [`Config`] is proof that every
//! rule holds; when one does not, [`ConfigError`] tells every problem at once.

use std::path::Path;
use std::time::Duration;

mod account;
mod branding;
mod claims;
mod database;
mod events;
mod factors;
mod geo;
mod injected;
mod keys;
mod layers;
mod lifetimes;
mod log;
mod login;
mod mail;
mod needs_mail;
mod no_passwords;
mod oauth;
mod outbound;
mod password;
mod print;
mod problem;
mod providers;
mod reader;
mod redis;
mod registration;
mod resources;
mod scopes;
mod secrets;
mod security;
mod server;
mod setting;
mod signup;
mod ui;

pub use account::Account;
pub use branding::{Branding, WebAddress};
pub use claims::Claims;
pub use database::Database;
pub use events::{EventRetention, Events};
pub use factors::{Day, Factors, Passkeys, SecondFactor};
pub use geo::Geo;
pub use keys::Keys;
pub use lifetimes::Lifetimes;
pub use log::{Log, LogFormat, LogLevel, SlowTransaction};
pub use login::{KeepSignedIn, Login, Switch};
pub use mail::{Mail, MailHost, MailSecurity, Smtp};
pub use oauth::{OAuth, OAuthProfile};
pub use outbound::Outbound;
pub use password::Password;
pub use problem::{ConfigError, Problem};
pub use providers::{ProofSettings, ProviderKind, ProviderSettings};
pub use redis::Redis;
pub use registration::{DynamicRegistration, Registration};
pub use resources::{ResourceSettings, ResourceTokens};
pub use scopes::Scopes;
pub use secrets::Secrets;
pub use security::Security;
pub use server::{Server, Tls};
pub use signup::{SignUp, SignUpMode, SignUpUsername};
pub use ui::Ui;

use crate::foundation::url::Issuer;
use reader::{Effective, Reader};

/// Every setting, with its default and its explanation.
pub const DEFAULT: &str = include_str!("../../config/default.toml");

/// The whole configuration; config/default.toml says what each setting means.
#[derive(Clone, Debug)]
pub struct Config {
    /// Our own base URL.
    pub issuer: Issuer,
    /// Where and how connections are accepted.
    pub server: Server,
    /// The record of truth.
    pub database: Database,
    /// Shared counters.
    pub redis: Redis,
    /// What protects the data at rest.
    pub secrets: Secrets,
    /// What is logged, and how.
    pub log: Log,
    /// How long things live.
    pub lifetimes: Lifetimes,
    /// The signing keys.
    pub keys: Keys,
    /// The record of who did what.
    pub events: Events,
    /// The brake on guessing passwords.
    pub login: Login,
    /// What people may do to their own account.
    pub account: Account,
    /// Where an address is.
    pub geo: Geo,
    /// What a new password must be like.
    pub password: Password,
    /// What people prove beside it.
    pub factors: Factors,
    /// Who makes an account for themselves.
    pub signup: SignUp,
    /// What is demanded of every client.
    pub oauth: OAuth,
    /// Applications that register themselves.
    pub registration: Registration,
    /// What the server itself calls.
    pub outbound: Outbound,
    /// What is sent by mail.
    pub mail: Mail,
    /// Scopes beside the standard ones.
    pub scopes: Scopes,
    /// Claims beside the standard ones.
    pub claims: Claims,
    /// Whom to tell of a weakness.
    pub security: Security,
    /// What people see.
    pub ui: Ui,
    /// Whose pages and mails they are.
    pub branding: Branding,
    /// Through whom people sign in.
    pub providers: Vec<ProviderSettings>,
    /// The operator's own APIs.
    pub resources: Vec<ResourceSettings>,
    effective: Vec<Effective>,
    ignored: Vec<String>,
}

/// A name, of a file or a variable, and its text.
type Named = (String, String);

impl Config {
    /// Merges the layers: the defaults, `file` (its name for messages, and its text) and `env`. Variables without our
    /// prefix are ignored. Beside its arguments it reads only the files that settings name, for secrets and
    /// authorities.
    ///
    /// # Errors
    /// Every problem at once: TOML that does not parse, unknown keys, values of another type, rules that do not hold.
    pub fn load(
        file: Option<(String, String)>,
        env: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let (mut reader, ignored) = Self::reader(file, env)?;
        let config = Self::from_reader(&mut reader);
        match (config, reader.finish()) {
            (Some(config), (effective, problems)) if problems.is_empty() => Ok(Self { effective, ignored, ..config }),
            (_, (_, problems)) => Err(ConfigError(problems)),
        }
    }

    /// [`Config::load`] with the text of the file at `path` and the variables of this process.
    ///
    /// # Errors
    /// As [`Config::load`]; and when the file cannot be read or a variable of ours is not UTF-8.
    pub fn read(path: Option<&Path>) -> Result<Self, ConfigError> {
        let (file, env) = Self::sources(path)?;
        Self::load(file, env)
    }

    /// The section `[server]` alone, for commands that ask a running server: faults in other sections do not matter,
    /// and secrets need not be readable.
    ///
    /// # Errors
    /// As [`Config::read`], about this section.
    pub fn read_server(path: Option<&Path>) -> Result<Server, ConfigError> {
        let (file, env) = Self::sources(path)?;
        let (mut reader, _) = Self::reader(file, env)?;
        Server::read(&mut reader).ok_or_else(|| ConfigError(reader.problems()))
    }

    fn sources(path: Option<&Path>) -> Result<(Option<Named>, Vec<Named>), ConfigError> {
        let mut env = vec![];
        for (name, value) in std::env::vars_os() {
            let Ok(name) = name.into_string() else { continue };
            match value.into_string() {
                Ok(value) => env.push((name, value)),
                Err(_) if !name.starts_with(layers::PREFIX) => {}
                Err(_) => return Err(Problem { place: name, message: "is not UTF-8".into() }.into()),
            }
        }
        let file = path.map(|path| {
            let name = path.display().to_string();
            match std::fs::read_to_string(path) {
                Ok(text) => Ok((name, text)),
                Err(error) => Err(Problem { place: name, message: format!("cannot be read: {error}") }),
            }
        });
        Ok((file.transpose()?, env))
    }

    fn reader(file: Option<Named>, env: impl IntoIterator<Item = Named>) -> Result<(Reader, Vec<String>), ConfigError> {
        let default = layers::toml(None, DEFAULT)?;
        let file = match file {
            Some((name, text)) => layers::toml(Some(&name), &text)?,
            None => layers::Layer::new(),
        };
        let (env, ignored) = layers::env(env);
        Ok((Reader::new(default, file, env), ignored))
    }

    /// The configuration in effect as TOML, each value with its origin. Secrets are masked, always.
    pub fn print(&self) -> String {
        print::toml(&self.effective)
    }

    /// Each setting's dotted key, its value as TOML (masked if secret, `None` if not set) and where that comes from.
    pub fn effective(&self) -> impl Iterator<Item = (&str, Option<&str>, String)> {
        self.effective.iter().map(|one| (&*one.key, one.shown.as_deref(), one.origin.to_string()))
    }

    /// Variables with our prefix that are no settings: Kubernetes or Docker sets them for a service named `latchkey`.
    pub fn ignored(&self) -> &[String] {
        &self.ignored
    }

    /// Reads every section before it gives up, so that all problems are reported.
    fn from_reader(from: &mut Reader) -> Option<Self> {
        let issuer: Option<Issuer> = from.value("issuer");
        let server = Server::read(from);
        let database = Database::read(from);
        let redis = Redis::read(from);
        let secrets = Secrets::read(from);
        let log = Log::read(from);
        let lifetimes = Lifetimes::read(from);
        let keys = Keys::read(from);
        let events = Events::read(from);
        let login = Login::read(from);
        let account = Account::read(from);
        let geo = Geo::read(from);
        let factors = Factors::read(from);
        let password = Password::read(from);
        let signup = SignUp::read(from);
        let oauth = OAuth::read(from);
        let registration = Registration::read(from);
        let outbound = Outbound::read(from);
        let mail = Mail::read(from);
        let scopes = Scopes::read(from);
        let claims = Claims::read(from);
        let security = Security::read(from);
        let ui = Ui::read(from);
        let branding = Branding::read(from);
        let providers = providers::read(from);
        let resources = resources::read(from);
        if let (Some(issuer), Some(Server { tls: Some(_), .. })) = (&issuer, &server)
            && !issuer.is_https()
        {
            from.refuse("issuer", "must be https, since server.tls is set");
        }
        if let Some(Mail { smtp: None }) = &mail {
            needs_mail::refuse(from, login.as_ref(), factors.as_ref(), signup.as_ref());
        }
        no_passwords::refuse(from, (login.as_ref(), factors.as_ref()), signup.as_ref(), providers.as_deref());
        Some(Self {
            issuer: issuer?,
            server: server?,
            database: database?,
            redis: redis?,
            secrets: secrets?,
            log: log?,
            lifetimes: lifetimes?,
            keys: keys?,
            events: events?,
            login: login?,
            account: account?,
            geo: geo?,
            factors: factors?,
            password: password?,
            signup: signup?,
            oauth: oauth?,
            registration: registration?,
            outbound: outbound?,
            mail: mail?,
            scopes: scopes?,
            claims: claims?,
            security: security?,
            ui: ui?,
            branding: branding?,
            providers: providers?,
            resources: resources?,
            effective: vec![],
            ignored: vec![],
        })
    }
}

/// Reads a duration as the settings do.
///
/// # Errors
/// Says what should stand there.
pub fn duration(text: &str) -> Result<Duration, String> {
    setting::Setting::from_text(text)
}

#[cfg(test)]
mod tests;
