//! `latchkey serve` and `latchkey migrate`.

use std::time::Duration;

use clap::Args;
use serde_json::json;
use tokio::time::timeout;

use super::{CliError, Common, PATIENCE, output};
use crate::app::{App, Patience, Prepare};
use crate::config::{Config, Server as ServerSettings};
use crate::foundation::{Clock, Random};
use crate::http::front::Front;
use crate::http::router::front;
use crate::http::serve::shutdown::{Phase, Shutdown, Signals};
use crate::http::serve::{Limits, Listen, Server};
use crate::services::oauth::client;
use crate::services::operation::{health, key_retirement};
use crate::{jobs, telemetry};

/// How long a start waits for another process that writes to the same SQLite file: it may be migrating.
const LONG_PATIENCE: Patience = Patience {
    notice_after: Duration::from_secs(1),
    give_up_after: Duration::from_secs(60),
    say: |text| tracing::warn!("{text}"),
};

/// How long the end may take to bring what is in a SQLite log into the file.
const LAST_COPY: Duration = Duration::from_secs(2);

/// Options of `latchkey serve`.
#[derive(Args)]
pub struct Serve {
    /// Do not touch the database's tables: end with a sentence if they are older than this version needs.
    #[arg(long)]
    no_migrate: bool,
}

impl Serve {
    /// Runs the server until it is told to stop.
    pub async fn run(self, common: &Common) -> Result<(), CliError> {
        let signals = Signals::take()?;
        let config = common.read_config()?;
        let _log = telemetry::init(&config.log)?;
        if !config.ignored().is_empty() {
            let variables = config.ignored().join(" ");
            tracing::info!(
                variables,
                "ignored: Kubernetes or Docker sets these for a service whose name begins like ours"
            );
        }
        let shutdown = signals.shutdown(config.server.drain);
        let server = bind(&config.server).await?;
        let prepare = if self.no_migrate { Prepare::Keys } else { Prepare::TablesAndKeys };
        let app = tokio::select! {
            built = App::prepared(&config, Clock::System, Random::System, None, prepare, Some(LONG_PATIENCE)) => built?,
            // Migrations can take minutes, and are undone when they are left.
            () = shutdown.draining() => return Ok(()),
        };
        if let Some(newer) = &app.newer_tables {
            tracing::warn!("{newer}");
        }
        let version = env!("CARGO_PKG_VERSION");
        tracing::info!(issuer = %app.issuer, address = %server.address(), version, "serving");
        let front = front(app.clone());
        until_stopped(server, front, &app, &shutdown).await;
        Ok(())
    }
}

/// Binds as configured.
pub async fn bind(settings: &ServerSettings) -> Result<Server, CliError> {
    let limits = Limits {
        connections: settings.max_connections,
        connections_of_one_network: settings.max_connections.div_ceil(2),
        idle: settings.idle_timeout,
        grace: settings.shutdown_grace,
        ..Limits::default()
    };
    let tls = settings.tls.as_ref().map(|tls| (tls.cert.clone(), tls.key.clone()));
    let listen = Listen { address: settings.listen, tls, trusted_proxies: settings.trusted_proxies.clone(), limits };
    Server::bind(listen).await.map_err(|error| CliError::Other(error.to_string()))
}

/// Serves, with the jobs beside, until `shutdown` says to finish and every request has ended.
pub async fn until_stopped(server: Server, front: Front, app: &App, shutdown: &Shutdown) {
    let mut jobs = jobs::start(app);
    // Beside the last requests, which may take longer: what they add is done by another process, or after the next start.
    let stopping = async {
        shutdown.finishing().await;
        tokio::select! { () = jobs.stop() => {}, () = shutdown.ending() => {} }
    };
    let warning = async {
        health::warn_of_unsafe_settings(app).await;
        key_retirement::warn_of_clients(app).await;
        client::warn_of_excluded(app).await;
    };
    let (whole, (), ()) = tokio::join!(server.serve(front, shutdown), warning, stopping);
    match whole {
        true => tracing::info!("stopped: every request was answered"),
        false => tracing::warn!("stopped: some requests were cut off"),
    }
    drop(jobs);
    if shutdown.phase() < Phase::Ending && !matches!(timeout(LAST_COPY, jobs::keep_last_traces(app)).await, Ok(Ok(())))
    {
        tracing::warn!("why the last requests were refused is not written down: only the log has it");
    }
    if shutdown.phase() < Phase::Ending && !matches!(timeout(LAST_COPY, jobs::count_last_events(app)).await, Ok(Ok(())))
    {
        tracing::warn!("what was counted since the last minute is not in the record of events");
    }
    if shutdown.phase() < Phase::Ending
        && let Ok(Err(error)) = timeout(LAST_COPY, health::finish(app)).await
    {
        tracing::info!(%error, "the database's log stays beside its file: a copy needs both");
    }
}

/// Brings the tables up to date.
pub async fn migrate(common: &Common) -> Result<(), CliError> {
    let config: Config = common.read_config()?;
    let (applied, newer) = App::migrate(&config, PATIENCE).await?;
    if let Some(newer) = newer {
        output::error_line(&format!("latchkey: warning: {newer}"));
    }
    let text = match applied.as_slice() {
        [] => "The database is up to date.".to_owned(),
        applied => format!("Applied {}.", applied.join(", ")),
    };
    common.output().done(&json!({ "applied": applied }), &text);
    Ok(())
}
