//! `latchkey config`.

use clap::Subcommand;
use serde_json::json;

use super::{CliError, Common, output};
use crate::crypto::MasterKey;

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
        match self {
            Self::Check => common.output().done(&json!({"valid": true}), "The configuration is valid."),
            Self::Print => output::line(&config.print()),
        }
        Ok(())
    }
}
