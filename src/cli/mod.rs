//! The commands. Each prints what it did, as text or with `--json` as one JSON object, or on failure one line that says
//! what to do.

mod clients;
mod clock;
mod config;
mod confirm;
mod dev;
mod error;
mod events;
mod every_command;
mod health;
mod jobs;
mod keys;
mod mail;
mod operator;
mod outbound;
mod output;
mod password;
mod providers;
mod refusal;
mod serve;
mod users;
mod why;

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Parser, Subcommand};

use self::error::CliError;
use self::every_command::{Common, PATIENCE};
use crate::app::{cores, worker_threads};

/// An OAuth 2.x authorization server and OpenID Connect provider in one binary.
#[derive(Parser)]
#[command(name = "latchkey", bin_name = "latchkey", version, disable_help_subcommand = true)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Try everything: a provider with demo users and a demo app. Needs no configuration.
    Dev(dev::Dev),
    /// Run the server.
    Serve(serve::Serve),
    /// Bring the database's tables up to date. A server does so itself when it starts.
    Migrate,
    /// Create administrators.
    #[command(subcommand)]
    Admin(users::Admin),
    /// Create users, list and change them, switch them off and on, delete them.
    #[command(subcommand)]
    Users(users::Users),
    /// Register applications and services, change and delete them, renew their secrets.
    #[command(subcommand)]
    Clients(clients::Clients),
    /// Say that the clock is right.
    #[command(subcommand)]
    Clock(clock::Clock),
    /// List, rotate and revoke the keys that sign tokens.
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Show what happens when the server itself calls another one.
    #[command(subcommand)]
    Outbound(outbound::Outbound),
    /// Send a test mail.
    #[command(subcommand)]
    Mail(mail::Mail),
    /// List the upstream providers, and try one.
    #[command(subcommand)]
    Providers(providers::Providers),
    /// List who did what.
    #[command(subcommand)]
    Events(events::Events),
    /// List the work that happens without a request, and try again what has failed.
    #[command(subcommand)]
    Jobs(jobs::Jobs),
    /// Say why a request was refused, and what mends it: by its id, for a day.
    Why(why::Why),
    /// Ask the server that runs on this machine whether it is well; exit status 1 if it is not.
    Health(health::Health),
    /// Check the configuration, or print what is in effect.
    #[command(subcommand)]
    Config(config::Check),
}

/// Address space for each thread's stack; only what is used takes memory. Debug builds, which `dev` often is, use much
/// more of it than the default of 2 MiB leaves room for.
const STACK: usize = 8 * 1024 * 1024;

/// Threads for work that blocks, beside those that hash passwords: SQLite's commits, looking up names, and room. Each
/// thread has a heap of its own that is not given back, so the default of 512 would be memory for nothing.
const BLOCKING: usize = 6;

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
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .worker_threads(worker_threads())
        .thread_stack_size(STACK)
        .max_blocking_threads(cores() + BLOCKING)
        .build()
    {
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
        Command::Serve(serve) => serve.run(&common).await,
        Command::Migrate => serve::migrate(&common).await,
        Command::Admin(admin) => admin.run(&common).await,
        Command::Users(users) => users.run(&common).await,
        Command::Clients(clients) => clients.run(&common).await,
        Command::Clock(clock) => clock.run(&common).await,
        Command::Keys(keys) => keys.run(&common).await,
        Command::Outbound(outbound) => outbound.run(&common).await,
        Command::Mail(mail) => mail.run(&common).await,
        Command::Providers(providers) => providers.run(&common).await,
        Command::Events(events) => events.run(&common).await,
        Command::Jobs(jobs) => jobs.run(&common).await,
        Command::Why(why) => why.run(&common).await,
        Command::Health(health) => health.run(&common).await,
        Command::Config(check) => check.run(&common),
    }
}

/// The first paragraph of clap's message in one line, and the command whose help says more.
fn usage(error: &clap::Error) -> String {
    let text = error.to_string();
    let line = text.lines().find_map(|line| line.strip_prefix("Usage: ")).unwrap_or("latchkey");
    let command: Vec<_> = line.split(' ').take_while(|word| !word.starts_with(['[', '<', '-'])).collect();
    let message = match error.kind() {
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => "a command is missing".to_owned(),
        _ => text.split("\n\n").next().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" "),
    };
    format!("{}; see {} --help", message.trim_start_matches("error: "), command.join(" "))
}

/// One line, whatever went wrong: a configuration can have several problems.
fn fail(message: &str) -> ExitCode {
    output::error_line(&format!("latchkey: {}", message.trim().replace('\n', "; ")));
    ExitCode::FAILURE
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn told(arguments: &str) -> String {
        usage(&Cli::try_parse_from(arguments.split(' ')).err().unwrap())
    }

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_key_is_named_by_its_kid_even_if_that_begins_with_a_hyphen() {
        for arguments in ["-W3b_2ON --yes", "--yes -W3b_2ON", "-W3b_2ON", "--2ON"] {
            let command = format!("latchkey keys revoke {arguments}");
            assert!(Cli::try_parse_from(command.split(' ')).is_ok(), "{command}");
        }
        assert!(told("latchkey keys revoke").contains("<KID>"));
    }

    #[test]
    fn a_wrong_command_line_is_told_in_one_line_that_leads_to_the_right_help() {
        assert_eq!(told("/usr/bin/latchkey"), "a command is missing; see latchkey --help");
        assert_eq!(told("latchkey keys"), "a command is missing; see latchkey keys --help");
        assert_eq!(
            told("latchkey clients create"),
            "the following required arguments were not provided: --name <NAME>; see latchkey clients create --help"
        );
        assert!(told("latchkey sevre").ends_with("; see latchkey --help"));
    }
}
