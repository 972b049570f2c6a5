//! `latchkey dev`: everything, without any configuration.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::net::SocketAddr;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use serde_json::{Value, json};

use super::serve::{bind, until_stopped};
use super::{CliError, Common, output};
use crate::app::{self, App, Persona};
use crate::config::Config;
use crate::crypto::MasterKey;
use crate::crypto::totp::TotpSecret;
use crate::demo::{self, Credentials, DemoSettings};
use crate::domain::account::profile::Profile;
use crate::domain::oauth::client::{ClientId, GrantType, Metadata};
use crate::domain::oauth::token::scope::Scope;
use crate::foundation::clock_file::ClockFile;
use crate::foundation::{Clock, Random, SecretString};
use crate::http::dev::clock::CLOCK;
use crate::http::router::front_with;
use crate::http::serve::shutdown::Signals;
use crate::services::ServiceError;
use crate::services::account::{self, NewUser};
use crate::services::factor;
use crate::services::oauth::client::{self, Registration};
use crate::services::operation::dev_clock;
use crate::telemetry;

/// Options of `latchkey dev`.
#[derive(Args)]
pub struct Dev {
    /// Where to listen: a loopback address, because the demo users' passwords are known to all. Port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Where the database and the master key are kept.
    #[arg(long, default_value = ".latchkey/dev", value_name = "DIR")]
    data_dir: PathBuf,
}

const MASTER_KEY_FILE: &str = "master-key";
/// How far the clock was moved forward.
const CLOCK_FILE: &str = "clock-ahead";
const CONFIG_FILE: &str = "latchkey.toml";

const PERSONAS: [Persona; 3] = [
    Persona { username: "alice", password: "alice-in-latchkey", role: "administrator", totp: None },
    Persona { username: "bob", password: "bob-in-latchkey", role: "ordinary user", totp: None },
    Persona {
        username: "carol",
        password: "carol-in-latchkey",
        role: "with a second factor",
        totp: Some("CAROLSAUTHENTICATORAPPSECRET2345"),
    },
];

impl Dev {
    pub async fn run(self, common: &Common) -> Result<(), CliError> {
        if !self.listen.ip().is_loopback() {
            let message =
                "dev listens on loopback addresses only, because everybody knows its passwords; use serve for others";
            return Err(CliError::Other(message.to_owned()));
        }
        if common.config.is_some() {
            let message = "dev needs no configuration and reads none; use serve --config FILE";
            return Err(CliError::Other(message.to_owned()));
        }
        let signals = Signals::take()?;
        let data_dir = self.prepare_data_dir()?;
        let config = load(&settings(self.listen, &data_dir))?;
        let _log = telemetry::init(&config.log)?;
        let shutdown = signals.shutdown(config.server.drain);
        let server = bind(&config.server).await.map_err(|error| {
            CliError::Other(format!("{error}; choose another address with --listen, as in --listen 127.0.0.1:0"))
        })?;
        let settings = settings(server.address(), &data_dir);
        let config = load(&settings)?;
        let clock_file = data_dir.join(CLOCK_FILE);
        let clock = Arc::new(ClockFile::open(&clock_file).map_err(|error| problem(&clock_file, &error))?);
        let ahead = Clock::ahead(clock.ahead());
        let dev = app::Dev { personas: PERSONAS.to_vec(), clock: Some(clock) };
        let app = App::build(&config, ahead, Random::System, Some(dev)).await?;
        create_personas(common, &app).await?;
        let demo =
            demo::router(demo_settings(common, &app).await?).map_err(|error| CliError::Other(error.to_string()))?;
        let front = front_with(app.clone(), demo);
        let file = data_dir.join(CONFIG_FILE);
        fs::write(&file, settings).map_err(|error| problem(&file, &error))?;
        announce(common, &app, &data_dir);
        until_stopped(server, front, &app, &shutdown).await;
        Ok(())
    }

    /// Makes the data directory, readable by its owner only, and the master key in it. Returns its absolute path.
    fn prepare_data_dir(&self) -> Result<PathBuf, CliError> {
        let made = fs::create_dir_all(&self.data_dir).and_then(|()| fs::canonicalize(&self.data_dir));
        let data_dir = made.map_err(|error| problem(&self.data_dir, &error))?;
        let owner_only = fs::Permissions::from_mode(0o700);
        fs::set_permissions(&data_dir, owner_only).map_err(|error| problem(&data_dir, &error))?;
        let path = data_dir.join(MASTER_KEY_FILE);
        // One that is there is kept; whether it can be read shows when the configuration is.
        if let Ok(mut file) = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
            let key = MasterKey::generate(&Random::System);
            writeln!(file, "{}", key.expose())
                .and_then(|()| file.sync_all())
                .map_err(|error| problem(&path, &error))?;
        }
        Ok(data_dir)
    }
}

fn problem(what: &Path, error: &std::io::Error) -> CliError {
    CliError::Other(format!("{}: {error}", what.display()))
}

/// The configuration file that `serve` would have needed. It is left in the data directory, so that the other commands
/// can work on this server's database.
fn settings(listen: SocketAddr, data_dir: &Path) -> String {
    let text = |value: &str| toml::Value::String(value.to_owned()).to_string();
    let path = |name: &str| data_dir.join(name).display().to_string();
    format!(
        "# Written by `latchkey dev` at each start.\n\
         issuer = {}\n\n\
         [server]\nlisten = {}\ndrain = \"1s\"\nshutdown_grace = \"5s\"\n\n\
         [database]\nurl = {}\n\n\
         [secrets]\nmaster_key_file = {}\n",
        text(&format!("http://{}", SocketAddr::new(listen.ip(), listen.port().max(1)))),
        text(&listen.to_string()),
        text(&format!("sqlite:{}", path("latchkey.sqlite"))),
        text(&path(MASTER_KEY_FILE)),
    )
}

/// What of the environment is taken: what is logged, and through whom people sign in. Nothing that would lead these personas,
/// whose passwords everybody knows, into the database of another server.
const TAKEN: [&str; 3] = ["LATCHKEY_LOG__", "LATCHKEY_PROVIDERS__", "LATCHKEY_OUTBOUND__"];

fn load(settings: &str) -> Result<Config, CliError> {
    let taken = std::env::vars().filter(|(name, _)| TAKEN.iter().any(|start| name.starts_with(start)));
    Ok(Config::load(Some(("latchkey dev".to_owned(), settings.to_owned())), taken)?)
}

fn announce(common: &Common, app: &App, data_dir: &Path) {
    let (issuer, demo, mail) = (app.issuer.as_str(), app.issuer.join("/demo"), app.issuer.join("/dev/mail"));
    let clock = app.issuer.join(CLOCK);
    // It would puzzle whoever has forgotten that they moved it.
    let ahead = match dev_clock::ahead(app).as_secs() {
        0 => String::new(),
        seconds => format!(" (moved forward by {seconds} s before)"),
    };
    let config = data_dir.join(CONFIG_FILE);
    let personas: Vec<Value> = PERSONAS.iter().map(described).collect();
    let object = json!({"issuer": issuer, "demo": demo, "mail": mail, "clock": clock, "data_dir": data_dir, "config": config, "personas": personas});
    let people: Vec<_> = PERSONAS.iter().map(in_a_line).collect();
    let text = format!(
        "\nLatchkey is ready. This is a server to try things on, not one for production.\n\n  \
         open      {demo}\n  mail      {mail}\n  clock     {clock}{ahead}\n  issuer    {issuer}\n  data      {}\n  commands  latchkey --config {} …\n\n\
         Sign in as\n{}\n\nCtrl-C stops it.\n",
        data_dir.display(),
        config.display(),
        people.join("\n"),
    );
    match common.json {
        true => common.output().done(&object, ""),
        false => output::line(&text),
    }
}

fn described(persona: &Persona) -> Value {
    let Persona { username, password, role, totp } = persona;
    match totp {
        None => json!({"username": username, "password": password, "role": role}),
        Some(secret) => json!({"username": username, "password": password, "role": role, "totp_secret": secret}),
    }
}

fn in_a_line(persona: &Persona) -> String {
    let Persona { username, password, role, totp } = persona;
    let secret = totp.map(|secret| format!(": for an authenticator app, {secret}")).unwrap_or_default();
    format!("  {username:<8} {password:<20} {role}{secret}")
}

async fn create_personas(common: &Common, app: &App) -> Result<(), CliError> {
    for persona in &PERSONAS {
        if account::find(app, persona.username).await?.is_some() {
            continue;
        }
        let administrator = persona.username == "alice";
        let claims = match persona.username {
            "alice" => alice(),
            "carol" => json!({"name": "Carol Codes", "locale": "en-GB"}),
            _ => json!({"name": "Bob Builder", "locale": "en-GB"}),
        };
        let new = NewUser {
            username: Some(persona.username.to_owned()),
            email: Some(format!("{}@example.com", persona.username)),
            email_verified: administrator,
            administrator,
            profile: Profile::parse(claims).map_err(|error| CliError::Other(error.to_string()))?,
            password: Some(SecretString::new(persona.password.to_owned()).into()),
        };
        let user = account::create(app, &common.actor(), new).await?;
        if let Some(secret) = persona.totp {
            let secret = TotpSecret::from_text(&SecretString::new(secret.to_owned())).map_err(ServiceError::from)?;
            factor::totp::import(app, &common.actor(), &user, &secret).await?;
        }
    }
    Ok(())
}

/// Somebody with a value for every standard claim.
fn alice() -> Value {
    json!({
        "name": "Alice Liddell",
        "given_name": "Alice",
        "family_name": "Liddell",
        "middle_name": "Pleasance",
        "nickname": "Ali",
        "profile": "https://example.com/alice",
        "picture": "https://example.com/alice.png",
        "website": "https://alice.example.com",
        "gender": "female",
        "birthdate": "1990-01-31",
        "zoneinfo": "Europe/London",
        "locale": "en-GB",
        "phone_number": "+44 20 7946 0018",
        "phone_number_verified": true,
        "address": {
            "formatted": "1 Rabbit Hole Lane\nOxford OX1 1AA\nUnited Kingdom",
            "street_address": "1 Rabbit Hole Lane",
            "locality": "Oxford",
            "region": "Oxfordshire",
            "postal_code": "OX1 1AA",
            "country": "GB",
        },
    })
}

/// Registers the demo app's two clients anew at each start: their secrets exist only in this process.
async fn demo_settings(common: &Common, app: &App) -> Result<DemoSettings, CliError> {
    let website = Metadata {
        redirect_uris: vec![app.issuer.join("/demo/callback")],
        post_logout_redirect_uris: vec![app.issuer.join("/demo/signed-out")],
        grant_types: [GrantType::AuthorizationCode, GrantType::RefreshToken].into(),
        client_uri: Some(app.issuer.join("/demo")),
        ..Metadata::default()
    };
    let machine = Metadata {
        grant_types: [GrantType::ClientCredentials].into(),
        scope: Scope::parse("reports:read reports:write").map_err(ServiceError::from)?,
        ..Metadata::default()
    };
    Ok(DemoSettings {
        issuer: app.issuer.clone(),
        app: credentials(common, app, "demo-app", "Demo App", website).await?,
        machine: credentials(common, app, "demo-machine", "Demo Machine", machine).await?,
        random: app.random.clone(),
        clock: app.clock.clone(),
    })
}

async fn credentials(
    common: &Common,
    app: &App,
    id: &str,
    name: &str,
    metadata: Metadata,
) -> Result<Credentials, CliError> {
    let registration = Registration { id: Some(ClientId::new(id)), secret: None, name: name.to_owned(), metadata };
    let registered = client::replace(app, &common.actor(), registration).await?;
    match registered.secret {
        Some(client_secret) => Ok(Credentials { client_id: id.to_owned(), client_secret }),
        None => Err(CliError::Other("a demo client has no secret".to_owned())),
    }
}
