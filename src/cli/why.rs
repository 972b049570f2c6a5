//! `latchkey why`.

use std::path::Path;

use clap::Args;
use serde_json::{Value, json};

use super::{CliError, Common};
use crate::domain::operation::decision_trace::Recorded;
use crate::domain::operation::remedy::quoted;
use crate::foundation::RequestId;
use crate::foundation::text::plain;
use crate::services::operation::decision_traces;

/// Options of `latchkey why`.
#[derive(Args)]
pub struct Why {
    /// The request id of an error page, at the end of an error_description, or in the header x-request-id of an answer.
    #[arg(value_name = "REQUEST_ID")]
    request: RequestId,
}

impl Why {
    pub async fn run(self, common: &Common) -> Result<(), CliError> {
        let found = decision_traces::find(&common.app().await?, self.request).await?;
        let mut recorded = found.ok_or_else(|| CliError::Other(unknown(self.request)))?;
        with_config(&mut recorded.trace.remedy.commands, common.config.as_deref());
        common.output().done(&object(&recorded), &text(&recorded));
        Ok(())
    }
}

/// Whoever named a configuration file has to name it to the next command too.
fn with_config(commands: &mut [String], config: Option<&Path>) {
    let Some(file) = config.and_then(Path::to_str).and_then(quoted) else { return };
    for command in commands {
        if let Some(rest) = command.strip_prefix("latchkey ") {
            *command = format!("latchkey --config {file} {rest}");
        }
    }
}

/// Why nothing is known of it, and what else to do.
fn unknown(request: RequestId) -> String {
    format!(
        "nothing is known of request {request}: it was answered less than two seconds ago, or more than a day; it was not \
         refused; it was one of very many from the same network; or the id is mistyped. The log has it for as long as you \
         keep logs: search it for request_id={request}"
    )
}

fn object(recorded: &Recorded) -> Value {
    let Recorded { request, at, endpoint, trace } = recorded;
    json!({
        "request_id": request.as_str(),
        "at": at.to_string(),
        "endpoint": endpoint,
        "client_id": trace.client,
        "error": trace.error,
        "description": trace.description,
        "facts": trace.facts,
        "remedy": trace.remedy,
    })
}

/// Characters that are shown of one value.
const SHOWN: usize = 1_000;

/// For people. Nothing in it can move a cursor or look like another line.
fn text(recorded: &Recorded) -> String {
    let Recorded { request, at, endpoint, trace } = recorded;
    let mut lines = vec![
        format!("Request {request} at {at}: {endpoint}"),
        format!("Refused: {}", plain(&trace.description, SHOWN)),
        format!("Error:   {}", plain(&trace.error, SHOWN)),
        format!("Client:  {}", trace.client.as_deref().map_or("not known".to_owned(), |client| plain(client, SHOWN))),
    ];
    let width = trace.facts.iter().map(|fact| fact.label.chars().count()).max().unwrap_or(0);
    if !trace.facts.is_empty() {
        lines.push("\nWhat was compared:".to_owned());
    }
    for fact in &trace.facts {
        lines.push(format!("  {:width$}  {}", plain(&fact.label, SHOWN), plain(&fact.value, SHOWN)));
    }
    let remedy = &trace.remedy;
    lines.push(format!("\nWhat mends it: {}", plain(&remedy.advice, SHOWN)));
    lines.extend(remedy.commands.iter().map(|command| format!("  {}", plain(command, SHOWN))));
    if !remedy.settings.is_empty() {
        lines.push(format!("  settings: {}", plain(&remedy.settings.join(", "), SHOWN)));
    }
    lines.join("\n")
}

#[cfg(test)]
#[path = "why_tests.rs"]
mod tests;
