//! `latchkey outbound`.

use clap::Subcommand;
use serde_json::{Value, json};

use super::{CliError, Common};
use crate::app::App;
use crate::services::operation::outbound_check::{self, Report};

/// What the server itself calls.
#[derive(Subcommand)]
pub enum Outbound {
    /// Fetch a URL as the server would, and say which addresses it has, which of them are refused and why, and what was
    /// answered; exit status 1 if nothing was. The database is not needed.
    Check {
        /// Such as a client's jwks_uri, or that of a webhook.
        url: String,
    },
}

impl Outbound {
    pub async fn run(self, common: &Common) -> Result<(), CliError> {
        let Self::Check { url } = self;
        let report = outbound_check::check(&App::outbound(&common.read_config()?, false), &url).await;
        // Of a URL that is refused as such there is nothing to show but the error.
        if common.json || report.server.is_some() {
            common.output().done(&object(&report), &text(&report));
        }
        report.outcome.map(drop).map_err(|error| CliError::Other(error.to_string()))
    }
}

fn object(report: &Report) -> Value {
    let address = |candidate| {
        let outbound_check::Candidate { address, special } = candidate;
        json!({
            "address": address,
            "special": special.map(|special| special.to_string()),
            "refused": report.refuses(&candidate),
        })
    };
    let (answer, error) = match &report.outcome {
        Ok(answer) => (
            json!({"status": answer.status.as_u16(), "bytes": answer.body.len(), "from": answer.from.to_string()}),
            Value::Null,
        ),
        Err(error) => (Value::Null, error.to_string().into()),
    };
    json!({
        "server": report.server,
        "exception": report.exception.map(|exception| exception.to_string()),
        "addresses": report.addresses.iter().copied().map(address).collect::<Vec<_>>(),
        "answer": answer,
        "error": error,
    })
}

fn text(report: &Report) -> String {
    let exception = report.exception.map(|exception| format!(", {exception}")).unwrap_or_default();
    let server = report.server.iter().map(|server| format!("server   {server}{exception}"));
    let address = |candidate| {
        let refused = if report.refuses(candidate) { ": refused" } else { "" };
        format!("address  {candidate}{refused}")
    };
    let answer = report.outcome.iter().map(|answer| {
        let (status, length) = (answer.status, answer.body.len());
        format!("answer   {status} from {}, {length} bytes", answer.from)
    });
    let lines: Vec<_> = server.chain(report.addresses.iter().map(address)).chain(answer).collect();
    lines.join("\n")
}
