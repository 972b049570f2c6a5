//! The commands. Each prints what it did, as text or with `--json` as one JSON object, or on failure one line that says
//! what to do.

mod clients;
mod config;
mod dev;
mod keys;
mod output;
mod password;
mod serve;
mod users;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Args, Parser, Subcommand};
use thiserror::Error;

use self::output::Output;
use crate::app::{App, BuildError};
use crate::config::{Config, ConfigError};
use crate::foundation::{Clock, Random};
use crate::services::ServiceError;

/// An OAuth 2.x authorization server and OpenID Connect provider in one binary.
#[derive(Parser)]
#[command(name = "latchkey", version)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

/// What every command takes.
#[derive(Args, Clone)]
struct Common {
    /// The configuration file; without one, the defaults and LATCHKEY_ variables apply.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print one JSON object instead of text.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Try everything: a provider with demo users and a demo app. Needs no configuration.
    Dev(dev::Dev),
    /// Run the server.
    Serve,
    /// Bring the database's tables up to date. A server does so itself when it starts.
    Migrate,
    /// Administrators.
    #[command(subcommand)]
    Admin(users::Admin),
    /// Users.
    #[command(subcommand)]
    Users(users::Users),
    /// Applications and services.
    #[command(subcommand)]
    Clients(clients::Clients),
    /// Keys that sign tokens.
    #[command(subcommand)]
    Keys(keys::Keys),
    /// The configuration.
    #[command(subcommand)]
    Config(config::Check),
}

/// Why a command failed, in a line that says what to do.
#[derive(Debug, Error)]
enum CliError {
    #[error("{0}")]
    Config(#[from] ConfigError),
    #[error("{0}")]
    Build(#[from] BuildError),
    #[error("{}", explain(.0))]
    Service(#[from] ServiceError),
    #[error("{0}")]
    Io(#[from] std::io::Error),
    #[error("{0}")]
    Other(String),
}

/// Runs the command line that the process was started with.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            output::line(&error.to_string());
            return ExitCode::SUCCESS;
        }
        Err(error) => return fail(&usage(&error)),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("cannot start: {error}")),
    };
    let outcome = runtime.block_on(run(cli));
    // Work that was told to end at once must not be waited for.
    runtime.shutdown_background();
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error.to_string()),
    }
}

async fn run(cli: Cli) -> Result<(), CliError> {
    let Cli { common, command } = cli;
    match command {
        Command::Dev(dev) => dev.run(&common).await,
        Command::Serve => serve::run(&common).await,
        Command::Migrate => serve::migrate(&common).await,
        Command::Admin(admin) => admin.run(&common).await,
        Command::Users(users) => users.run(&common).await,
        Command::Clients(clients) => clients.run(&common).await,
        Command::Keys(keys) => keys.run(&common).await,
        Command::Config(check) => check.run(&common),
    }
}

impl Common {
    fn read_config(&self) -> Result<Config, CliError> {
        Ok(Config::read(self.config.as_deref())?)
    }

    /// The parts of a server, on the database that one may be using now.
    async fn app(&self) -> Result<App, CliError> {
        Ok(App::build(&self.read_config()?, Clock::System, Random::System, None).await?)
    }

    fn output(&self) -> Output {
        Output { json: self.json }
    }
}

/// A refusal in words, with what was compared with what: here the developer is the one who asks.
fn explain(error: &ServiceError) -> String {
    match error {
        ServiceError::Refused(refusal) if refusal.detail.0.is_empty() => refusal.description.to_owned(),
        ServiceError::Refused(refusal) => format!("{} ({})", refusal.description, refusal.detail),
        other => other.to_string(),
    }
}

/// The first paragraph of clap's message, in one line.
fn usage(error: &clap::Error) -> String {
    let text = error.to_string();
    let message = text.split("\n\n").next().unwrap_or_default().replace('\n', " ");
    let message = message.trim_start_matches("error: ").split_whitespace().collect::<Vec<_>>().join(" ");
    format!("{message}; see latchkey --help")
}

fn fail(message: &str) -> ExitCode {
    output::error_line(&format!("latchkey: {message}"));
    ExitCode::FAILURE
}
