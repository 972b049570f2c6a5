//! `latchkey config`.

use clap::Subcommand;
use serde_json::{Map, Value, json};

use super::{CliError, Common, output};
use crate::app::App;
use crate::app::resources::resources;
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
        let claims = ClaimCatalogue::new(&config.claims.extra).map_err(|error| CliError::Build(error.into()))?;
        resources(&config, &claims).map_err(|error| CliError::Build(error.into()))?;
        match self {
            Self::Check => {
                let ignored = config.ignored();
                let sends_mail = App::mail(&config, false).is_configured();
                let mut text = "The configuration is valid.".to_owned();
                if !sends_mail {
                    text.push_str(" No mail is sent: mail.from and mail.smtp.host are not set.");
                }
                if !ignored.is_empty() {
                    let names = ignored.join(", ");
                    text.push_str(&format!(" Ignored, since Kubernetes or Docker sets them for a service: {names}."));
                }
                common.output().done(&json!({"valid": true, "mail": sends_mail, "ignored": ignored}), &text);
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
