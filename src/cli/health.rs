//! `latchkey health`.

use clap::Args;
use serde_json::json;

use super::{CliError, Common};
use crate::config::Config;
use crate::http::probe;

/// Options of `latchkey health`.
#[derive(Args)]
pub struct Health {
    /// Ask whether it can serve requests now (/readyz), not only whether it lives (/healthz).
    #[arg(long)]
    ready: bool,
}

impl Health {
    pub async fn run(self, common: &Common) -> Result<(), CliError> {
        // Of the configuration only where it listens matters: whoever asks may not read the secrets.
        let server = Config::read_server(common.config.as_deref())?;
        let path = if self.ready { "/readyz" } else { "/healthz" };
        let failed = |what: String| CliError::Other(format!("{}{path}: {what}", server.listen));
        let said = probe::ask(server.listen, server.tls.is_some(), path).await;
        let said = said.map_err(|error| failed(format!("no answer: {error}")))?;
        if said.status != 200 {
            return Err(failed(format!("{} {}", said.status, said.body)));
        }
        let status = if self.ready { "ready" } else { "ok" };
        common.output().done(&json!({ "status": status }), status);
        Ok(())
    }
}
