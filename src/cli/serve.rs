//! `latchkey serve` and `latchkey migrate`.

use serde_json::json;

use super::{CliError, Common};
use crate::app::App;
use crate::config::{Config, Server as ServerSettings};
use crate::foundation::{Clock, Random};
use crate::http::front::Front;
use crate::http::router::front;
use crate::http::serve::shutdown::Shutdown;
use crate::http::serve::{Limits, Listen, Server};
use crate::{jobs, telemetry};

/// Runs the server until it is told to stop.
pub async fn run(common: &Common) -> Result<(), CliError> {
    let config = common.read_config()?;
    telemetry::init(&config.log);
    let shutdown = Shutdown::on_signals()?;
    let server = bind(&config.server).await?;
    let app = tokio::select! {
        built = App::build(&config, Clock::System, Random::System, None) => built?,
        // Migrations can take minutes, and are undone when they are left.
        () = shutdown.finishing() => return Ok(()),
    };
    tracing::info!(issuer = %app.issuer, address = %server.address(), version = env!("CARGO_PKG_VERSION"), "serving");
    let front = front(app.clone());
    until_stopped(server, front, &app, &shutdown).await;
    Ok(())
}

/// Binds as configured.
pub async fn bind(settings: &ServerSettings) -> Result<Server, CliError> {
    let limits = Limits { connections: settings.max_connections, grace: settings.shutdown_grace, ..Limits::default() };
    let tls = settings.tls.as_ref().map(|tls| (tls.cert.clone(), tls.key.clone()));
    let listen = Listen { address: settings.listen, tls, limits };
    Server::bind(listen).await.map_err(|error| CliError::Other(error.to_string()))
}

/// Serves, with the jobs beside, until `shutdown` says to finish and every request has ended.
pub async fn until_stopped(server: Server, front: Front, app: &App, shutdown: &Shutdown) {
    let jobs = jobs::start(app);
    match server.serve(front, shutdown).await {
        true => tracing::info!("stopped: every request was answered"),
        false => tracing::warn!("stopped: some requests were cut off"),
    }
    drop(jobs);
}

/// Brings the tables up to date.
pub async fn migrate(common: &Common) -> Result<(), CliError> {
    let config: Config = common.read_config()?;
    let applied = App::migrate(&config).await?;
    let text = match applied.as_slice() {
        [] => "The database is up to date.".to_owned(),
        applied => format!("Applied {}.", applied.join(", ")),
    };
    common.output().done(&json!({ "applied": applied }), &text);
    Ok(())
}
