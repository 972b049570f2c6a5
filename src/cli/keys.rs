//! `latchkey keys`.

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{CliError, Common, confirm};
use crate::app::App;
use crate::crypto::Algorithm;
use crate::domain::operation::signing_key::KeyState;
use crate::services::operation::encryption_keys;
use crate::services::operation::key_administration::{KeySummary, summaries};
use crate::services::operation::key_revocation::{self, Revoked};
use crate::services::operation::key_rotation::{self, Rotation};
use crate::services::operation::keys::ListedKey;

/// Keys that sign tokens, and keys that applications encrypt to.
#[derive(Subcommand)]
pub enum Keys {
    /// List every key.
    List,
    /// Make the next key of each algorithm the active one now, and new keys to encrypt to. Running servers follow within seconds.
    Rotate(Rotate),
    /// Withdraw a key that leaked, at once, with every token that it signed, or all that is encrypted to it. Running servers follow within seconds.
    Revoke(Revoke),
}

/// How to rotate.
#[derive(Args)]
pub struct Rotate {
    /// Rotate the keys that sign with this algorithm alone, and none that is encrypted to.
    #[arg(long, value_name = "ALG", value_parser = PossibleValuesParser::new(Algorithm::ALL.map(Algorithm::name)))]
    algorithm: Option<String>,
    /// Rotate although the next key was published a moment ago: services that keep a copy of /jwks refuse new tokens until
    /// they fetch it again.
    #[arg(long)]
    force: bool,
}

/// What to revoke.
#[derive(Args)]
pub struct Revoke {
    /// Its kid, as `latchkey keys list` shows it.
    // One in 64 begins with a hyphen.
    #[arg(allow_hyphen_values = true)]
    kid: String,
    /// Do not ask.
    #[arg(long)]
    yes: bool,
}

impl Keys {
    pub async fn run(self, common: &Common) -> Result<(), CliError> {
        let app = common.app().await?;
        match self {
            Self::List => {}
            Self::Rotate(rotate) => rotate.run(common, &app).await?,
            Self::Revoke(revoke) => {
                let (object, text) = revoke.run(common, &app).await?;
                common.output().done(&object, &text);
                return Ok(());
            }
        }
        let keys = summaries(&app).await?;
        let text: Vec<_> = keys.iter().map(line).collect();
        common.output().done(&json!({ "keys": objects(&keys) }), &text.join("\n"));
        Ok(())
    }
}

impl Rotate {
    async fn run(self, common: &Common, app: &App) -> Result<(), CliError> {
        let algorithm = self.algorithm.and_then(|name| name.parse().ok());
        match key_rotation::rotate(app, &common.actor(), algorithm, self.force).await? {
            Rotation::Done(_) => Ok(()),
            Rotation::Unripe(wait) => Err(CliError::Other(format!(
                "the next key was published too recently: other instances and services may not know it yet. Rotate again \
                 in {} seconds, or now with --force; for a key that has leaked see latchkey keys revoke --help",
                wait.as_secs() + 1
            ))),
        }
    }
}

impl Revoke {
    async fn run(self, common: &Common, app: &App) -> Result<(Value, String), CliError> {
        let Self { kid, yes } = self;
        if encryption_keys::list(app).await?.iter().any(|listed| listed.key.id == kid) {
            return revoke_encryption(common, app, &kid, yes).await;
        }
        let ListedKey { key, state } = key_revocation::find(app, &kid).await?;
        let algorithm = key.algorithm.name();
        let breaks = breaks(&key.state);
        confirm::at_terminal(&format!("Revoke the {algorithm} key {kid} ({state})? {breaks}"), yes)?;
        let Revoked { was, successor, .. } = key_revocation::revoke(app, &common.actor(), &kid).await?;
        let mut text = format!("Revoked {kid} ({algorithm}, {}). {breaks}", was.state);
        if let Some(successor) = &successor {
            text.push_str(&format!("\n{algorithm} is signed by {successor} from now on."));
        }
        let keys = objects(&summaries(app).await?);
        Ok((json!({"kid": kid, "revoked": true, "was": was.state, "successor": successor, "keys": keys}), text))
    }
}

/// The same for a key that applications encrypt to.
async fn revoke_encryption(common: &Common, app: &App, kid: &str, yes: bool) -> Result<(Value, String), CliError> {
    const BREAKS: &str = "What is encrypted to it is refused from now on, until applications fetch /jwks again; what somebody has \
                          seen pass can be read by whoever has the key.";
    confirm::at_terminal(&format!("Revoke the key {kid}, which applications encrypt to? {BREAKS}"), yes)?;
    let was = encryption_keys::revoke(app, &common.actor(), kid).await?;
    let text = format!("Revoked {kid} ({}, {}). {BREAKS}", was.key.algorithm, was.state);
    let keys = objects(&summaries(app).await?);
    Ok((json!({"kid": kid, "revoked": true, "was": was.state, "successor": null, "keys": keys}), text))
}

/// What ends with a key in this state, for whoever is about to revoke it.
fn breaks(state: &KeyState) -> String {
    let copies = "Services that keep a copy of /jwks go on believing it for up to five minutes.";
    match state {
        KeyState::Next => format!("It has signed nothing yet; another takes its place. {copies}"),
        KeyState::Active { .. } => format!(
            "Every token that it signed ends: access tokens at once, ID tokens as a hint at sign-out and renewal. Sessions \
             and refresh tokens stay, so applications get new ones. {copies} Until they fetch it again they may refuse \
             tokens of its successor."
        ),
        KeyState::Retired { .. } => format!(
            "Every token that it signed ends: access tokens at once, ID tokens as a hint at sign-out and renewal. Sessions \
             and refresh tokens stay, so applications get new ones. {copies}"
        ),
    }
}

fn objects(keys: &[KeySummary]) -> Vec<Value> {
    let object = |key: &KeySummary| {
        let created_at = key.created_at.to_string();
        json!({"kid": key.kid, "use": key.usage, "alg": key.alg, "state": key.state, "created_at": created_at})
    };
    keys.iter().map(object).collect()
}

fn line(key: &KeySummary) -> String {
    format!("{:<8} {:<6} {}  {}", key.state, key.alg, key.created_at, key.kid)
}
