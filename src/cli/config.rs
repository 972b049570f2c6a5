//! `latchkey config`.

use clap::Subcommand;
use serde_json::{Map, Value, json};

use super::{CliError, Common, output};
use crate::config::Config;
use crate::crypto::MasterKey;
use crate::domain::oauth::token::claim_catalogue::ClaimCatalogue;

/// The configuration.
#[derive(Subcommand)]
pub enum Check {
    /// Check it; says everything that is wrong, or that it is right.
    Check,
    /// Print what is in effect and where each value comes from. Secrets are masked.
    Print,
}

impl Check {
    pub fn run(self, common: &Common) -> Result<(), CliError> {
        let config = common.read_config()?;
        MasterKey::parse(&config.secrets.master_key).map_err(|error| CliError::Build(error.into()))?;
        ClaimCatalogue::new(&config.claims.extra).map_err(|error| CliError::Build(error.into()))?;
        match self {
            Self::Check => {
                let ignored = config.ignored();
                let text = match ignored {
                    [] => "The configuration is valid.".to_owned(),
                    _ => format!(
                        "The configuration is valid. Ignored, since Kubernetes or Docker sets them for a service: {}.",
                        ignored.join(", ")
                    ),
                };
                common.output().done(&json!({"valid": true, "ignored": ignored}), &text);
            }
            Self::Print if common.json => output::line(&as_json(&config).to_string()),
            Self::Print => output::line(&config.print()),
        }
        Ok(())
    }
}

/// Each setting by its dotted key, with its value and the origin of that; both `null` where nothing is set.
fn as_json(config: &Config) -> Value {
    let setting = |(key, shown, origin): (&str, Option<&str>, String)| {
        let value = shown.and_then(|shown| toml::from_str::<Map<String, Value>>(&format!("v = {shown}")).ok());
        let value = value.and_then(|mut table| table.remove("v"));
        (key.to_owned(), json!({"origin": value.is_some().then_some(origin), "value": value}))
    };
    config.effective().map(setting).collect::<Map<_, _>>().into()
}
