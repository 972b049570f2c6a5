//! What every command takes, and what it gets by it.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::error::CliError;
use super::operator;
use super::output::{self, Output};
use crate::app::{App, Patience, Prepare};
use crate::config::Config;
use crate::domain::access::actor::Actor;
use crate::foundation::{Clock, Random};

/// What every command takes.
#[derive(Args, Clone)]
pub struct Common {
    /// The configuration file; without one, the defaults and LATCHKEY_ variables apply.
    #[arg(long, global = true, value_name = "FILE", help_heading = "Options of every command")]
    pub config: Option<PathBuf>,
    /// Print one JSON object instead of text.
    #[arg(long, global = true, help_heading = "Options of every command")]
    pub json: bool,
}

/// How long a command waits for another process that writes to the same SQLite file.
pub const PATIENCE: Patience = Patience {
    notice_after: Duration::from_secs(1),
    give_up_after: Duration::from_secs(10),
    say: |text| output::error_line(&format!("latchkey: {text}")),
};

impl Common {
    /// The configuration, as it is in effect.
    pub fn read_config(&self) -> Result<Config, CliError> {
        Ok(Config::read(self.config.as_deref())?)
    }

    /// The parts of a server, on the database that one may be using now. Nothing is made ready: a command needs no more
    /// rights than what it does.
    pub async fn app(&self) -> Result<App, CliError> {
        let app =
            App::prepared(&self.read_config()?, Clock::System, Random::System, None, Prepare::Nothing, Some(PATIENCE))
                .await?;
        if let Some(newer) = &app.newer_tables {
            output::error_line(&format!("latchkey: warning: {newer}"));
        }
        Ok(app)
    }

    /// Whoever runs this command.
    pub fn actor(&self) -> Actor {
        operator::current()
    }

    /// How it is printed.
    pub fn output(&self) -> Output {
        Output { json: self.json }
    }
}
