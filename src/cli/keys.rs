//! `latchkey keys`.

use clap::{Args, Subcommand};
use serde_json::json;

use super::{CliError, Common};
use crate::services::operation::key_rotation::{self, Rotation};
use crate::services::operation::keys::{self, ListedKey};

/// Keys that sign tokens.
#[derive(Subcommand)]
pub enum Keys {
    /// List every key.
    List,
    /// Make the next key of each algorithm the active one now. Running servers follow within seconds.
    Rotate(Rotate),
}

/// How to rotate.
#[derive(Args)]
pub struct Rotate {
    /// Rotate although the next key was published a moment ago, because a key has leaked: services that keep a copy of
    /// /jwks refuse new tokens until they fetch it again.
    #[arg(long)]
    force: bool,
}

impl Keys {
    pub async fn run(self, common: &Common) -> Result<(), CliError> {
        let app = common.app().await?;
        let keys = match self {
            Self::List => keys::list(&app).await?,
            Self::Rotate(Rotate { force }) => match key_rotation::rotate(&app, force).await? {
                Rotation::Done(keys) => keys,
                Rotation::Unripe(wait) => {
                    return Err(CliError::Other(format!(
                        "the next key was published too recently: other instances and services may not know it yet. Rotate \
                         again in {} seconds, or now with --force if a key has leaked",
                        wait.as_secs() + 1
                    )));
                }
            },
        };
        let object: Vec<_> = keys
            .iter()
            .map(|ListedKey { key, state }| {
                json!({"kid": key.id, "alg": key.algorithm, "state": state, "created_at": key.created_at.to_string()})
            })
            .collect();
        let text: Vec<_> = keys.iter().map(line).collect();
        common.output().done(&json!({ "keys": object }), &text.join("\n"));
        Ok(())
    }
}

fn line(ListedKey { key, state }: &ListedKey) -> String {
    format!("{state:<8} {:<6} {}  {}", key.algorithm.name(), key.created_at, key.id)
}
