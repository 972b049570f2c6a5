//! `latchkey dev`: everything, without any configuration.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::net::{IpAddr, SocketAddr};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};

use super::serve::{bind, until_stopped};
use super::{CliError, Common, output};
use crate::app::{self, App, Persona};
use crate::config::Config;
use crate::crypto::MasterKey;
use crate::demo::{self, Credentials, DemoSettings};
use crate::domain::account::profile::Profile;
use crate::domain::oauth::client::{ClientId, GrantType, Metadata};
use crate::domain::oauth::scope::Scope;
use crate::foundation::{Clock, Random, SecretString};
use crate::http::router::router;
use crate::http::shutdown::Shutdown;
use crate::services::ServiceError;
use crate::services::accounts::{self, NewUser};
use crate::services::clients::{self, Registration};
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

const PERSONAS: [Persona; 2] = [
    Persona { username: "alice", password: "alice-in-latchkey", role: "administrator" },
    Persona { username: "bob", password: "bob-in-latchkey", role: "ordinary user" },
];

impl Dev {
    pub async fn run(self, common: &Common) -> Result<(), CliError> {
        if !self.listen.ip().is_loopback() {
            let message =
                "dev listens on loopback addresses only, because everybody knows its passwords; use serve for others";
            return Err(CliError::Other(message.to_owned()));
        }
        let master_key = self.prepare_data_dir()?;
        let config = self.config(self.listen, &master_key)?;
        telemetry::init(&config.log);
        let shutdown = Shutdown::on_signals()?;
        let server = bind(&config.server).await.map_err(|error| {
            CliError::Other(format!("{error}; choose another address with --listen, as in --listen 127.0.0.1:0"))
        })?;
        let config = self.config(server.address(), &master_key)?;
        let personas = app::Dev { personas: PERSONAS.to_vec() };
        let app = App::build(&config, Clock::System, Random::System, Some(personas)).await?;
        create_personas(&app).await?;
        let demo = demo::router(demo_settings(&app).await?).map_err(|error| CliError::Other(error.to_string()))?;
        let routes = router(app.clone()).merge(demo);
        self.announce(common, &app);
        until_stopped(server, routes, &app, &shutdown).await;
        Ok(())
    }

    /// Makes the data directory, readable by its owner only, and the master key in it.
    fn prepare_data_dir(&self) -> Result<SecretString, CliError> {
        let problem = |what: &Path, error: std::io::Error| CliError::Other(format!("{}: {error}", what.display()));
        fs::create_dir_all(&self.data_dir).map_err(|error| problem(&self.data_dir, error))?;
        let owner_only = fs::Permissions::from_mode(0o700);
        fs::set_permissions(&self.data_dir, owner_only).map_err(|error| problem(&self.data_dir, error))?;
        let path = self.data_dir.join("master-key");
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
            Ok(mut file) => {
                let key = MasterKey::generate(&Random::System);
                writeln!(file, "{}", key.expose())
                    .and_then(|()| file.sync_all())
                    .map_err(|error| problem(&path, error))?;
                Ok(key)
            }
            Err(_) => {
                let text = fs::read_to_string(&path).map_err(|error| problem(&path, error))?;
                Ok(SecretString::new(text.trim().to_owned()))
            }
        }
    }

    /// The configuration that `serve` would have needed. Of the environment only what is logged can be set.
    fn config(&self, listen: SocketAddr, master_key: &SecretString) -> Result<Config, CliError> {
        let database = format!("sqlite:{}", self.data_dir.join("latchkey.sqlite").display());
        let host = match listen.ip() {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => format!("[{address}]"),
        };
        let text = |value: &str| toml::Value::String(value.to_owned()).to_string();
        let file = format!(
            "issuer = {}\n[server]\nlisten = {}\nshutdown_grace = \"5s\"\n[database]\nurl = {}\n[secrets]\nmaster_key = {}\n",
            text(&format!("http://{host}:{}", listen.port().max(1))),
            text(&listen.to_string()),
            text(&database),
            text(master_key.expose()),
        );
        let logging = std::env::vars().filter(|(name, _)| name.starts_with("LATCHKEY_LOG__"));
        Ok(Config::load(Some(("latchkey dev".to_owned(), file)), logging)?)
    }

    fn announce(&self, common: &Common, app: &App) {
        let data_dir = fs::canonicalize(&self.data_dir).unwrap_or_else(|_| self.data_dir.clone());
        let (issuer, demo) = (app.issuer.as_str(), app.issuer.join("/demo"));
        let personas: Vec<Value> =
            PERSONAS.iter().map(|p| json!({"username": p.username, "password": p.password, "role": p.role})).collect();
        let object = json!({"issuer": issuer, "demo": demo, "data_dir": data_dir, "personas": personas});
        let people: Vec<_> =
            PERSONAS.iter().map(|p| format!("  {:<8} {:<20} {}", p.username, p.password, p.role)).collect();
        let text = format!(
            "\nLatchkey is ready. This is a server to try things on, not one for production.\n\n  open      {demo}\n  issuer    {issuer}\n  data      {}\n\nSign in as\n{}\n\nCtrl-C stops it.\n",
            data_dir.display(),
            people.join("\n"),
        );
        match common.json {
            true => common.output().done(&object, ""),
            false => output::line(&text),
        }
    }
}

async fn create_personas(app: &App) -> Result<(), CliError> {
    for persona in &PERSONAS {
        if accounts::find(app, persona.username).await?.is_some() {
            continue;
        }
        let administrator = persona.username == "alice";
        let claims = if administrator { alice() } else { json!({"name": "Bob Builder", "locale": "en-GB"}) };
        let new = NewUser {
            username: Some(persona.username.to_owned()),
            email: Some(format!("{}@example.com", persona.username)),
            email_verified: administrator,
            administrator,
            profile: Profile::parse(claims).map_err(|error| CliError::Other(error.to_string()))?,
            password: Some(SecretString::new(persona.password.to_owned())),
        };
        accounts::create(app, new).await?;
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
async fn demo_settings(app: &App) -> Result<DemoSettings, CliError> {
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
        app: credentials(app, "demo-app", "Demo App", website).await?,
        machine: credentials(app, "demo-machine", "Demo Machine", machine).await?,
        random: app.random.clone(),
        clock: app.clock.clone(),
    })
}

async fn credentials(app: &App, id: &str, name: &str, metadata: Metadata) -> Result<Credentials, CliError> {
    let registration = Registration { id: Some(ClientId::new(id)), name: name.to_owned(), metadata };
    let registered = clients::replace(app, registration).await?;
    match registered.secret {
        Some(client_secret) => Ok(Credentials { client_id: id.to_owned(), client_secret }),
        None => Err(CliError::Other("a demo client has no secret".to_owned())),
    }
}
