//! `latchkey keys`.

use clap::Subcommand;
use serde_json::json;

use super::{CliError, Common};
use crate::domain::signing_key::SigningKeyRecord;
use crate::services::keys;

/// Keys that sign tokens.
#[derive(Subcommand)]
pub enum Keys {
    /// List every key.
    List,
    /// Make the next key of each algorithm the active one now. Running servers follow within seconds.
    Rotate,
}

impl Keys {
    pub async fn run(self, common: &Common) -> Result<(), CliError> {
        let app = common.app().await?;
        let keys = match self {
            Self::List => keys::list(&app).await?,
            Self::Rotate => keys::rotate(&app).await?,
        };
        let object: Vec<_> = keys
            .iter()
            .map(|key| json!({"kid": key.id, "alg": key.algorithm, "state": key.state.as_str(), "created_at": key.created_at.to_string()}))
            .collect();
        let text: Vec<_> = keys.iter().map(line).collect();
        common.output().done(&json!({ "keys": object }), &text.join("\n"));
        Ok(())
    }
}

fn line(key: &SigningKeyRecord) -> String {
    format!("{:<8} {:<6} {}  {}", key.state.as_str(), key.algorithm.name(), key.created_at, key.id)
}
