//! `latchkey jobs`.

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{CliError, Common};
use crate::domain::operation::job::State;
use crate::foundation::id::JobId;
use crate::foundation::text::plain;
use crate::services::operation::jobs::{self, Filter, ListedJob};

/// Work that happens without a request.
#[derive(Subcommand)]
pub enum Jobs {
    /// List jobs, the newest first.
    List(List),
    /// Let a job be tried again that has failed for good. A running server begins it within a second.
    Retry(Retry),
}

#[derive(Args)]
pub struct List {
    /// Only those in this state.
    #[arg(long, value_name = "STATE", value_parser = PossibleValuesParser::new(State::ALL.map(State::as_str)))]
    state: Option<String>,
    /// Only this kind, as in prune; a newer version may have more of them than this one knows.
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// How many at most.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    limit: u32,
}

#[derive(Args)]
#[group(id = "which", required = true, multiple = false)]
pub struct Which {
    /// Its id, as `latchkey jobs list --state dead` shows it.
    #[arg(value_name = "ID")]
    id: Option<JobId>,
    /// Every dead job.
    #[arg(long)]
    all_dead: bool,
}

#[derive(Args)]
pub struct Retry {
    #[command(flatten)]
    which: Which,
    /// With --all-dead: only this kind.
    #[arg(long, value_name = "KIND", conflicts_with = "id")]
    kind: Option<String>,
}

impl Jobs {
    pub async fn run(self, common: &Common) -> Result<(), CliError> {
        let app = common.app().await?;
        let (object, text) = match self {
            Self::List(List { state, kind, limit }) => {
                let filter = Filter { state: state.as_deref().and_then(State::parse), kind };
                let found = jobs::list(&app, &filter, i64::from(limit)).await?;
                let lines: Vec<_> = found.iter().map(line).collect();
                let text = if lines.is_empty() { "There are no such jobs.".to_owned() } else { lines.join("\n") };
                (json!({ "jobs": found.iter().map(object).collect::<Vec<_>>() }), text)
            }
            Self::Retry(Retry { which: Which { id: Some(id), .. }, .. }) => {
                let job = jobs::retry(&app, &common.actor(), id).await?;
                (object(&job), format!("{} {id} is tried again.", plain(&job.kind, SHOWN)))
            }
            Self::Retry(Retry { kind, .. }) => {
                let outcome = jobs::retry_all(&app, &common.actor(), kind.as_deref()).await?;
                let ids = |ids: &[JobId]| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
                let mut text = format!("{} dead jobs are tried again.", outcome.retried.len());
                if !outcome.superseded.is_empty() {
                    let number = outcome.superseded.len();
                    text.push_str(&format!(
                        "\n{number} stay dead: another job of their kind about the same thing waits or runs."
                    ));
                }
                (json!({"retried": ids(&outcome.retried), "superseded": ids(&outcome.superseded)}), text)
            }
        };
        common.output().done(&object, &text);
        Ok(())
    }
}

/// Characters that are shown of one value.
const SHOWN: usize = 200;

fn object(job: &ListedJob) -> Value {
    json!({
        "id": job.id.to_string(),
        "kind": job.kind,
        "key": job.key,
        "state": job.state.as_str(),
        "attempts": job.attempts.begun,
        "max_attempts": job.attempts.most,
        "every_seconds": job.attempts.schedule.map(|schedule| schedule.as_secs()),
        "run_at": job.run_at.to_string(),
        "last_error": job.last_error,
        "created_at": job.created_at.to_string(),
        "created_by": job.created_by,
        "finished_at": job.finished_at.map(|at| at.to_string()),
    })
}

/// One line for people: where it stands, what, about what, since or until when, how often tried, why it failed.
fn line(job: &ListedJob) -> String {
    let when = match job.state {
        State::Waiting => format!("due {}", job.run_at),
        State::Running => format!("was due {}", job.run_at),
        State::Done | State::Dead => format!("ended {}", job.finished_at.unwrap_or(job.run_at)),
    };
    let (kind, key) = (plain(&job.kind, SHOWN), plain(&job.key, SHOWN));
    let mut line = format!("{:<8} {}  {kind:<12} {key}  {when}", job.state.as_str(), job.id);
    if let Some(schedule) = job.attempts.schedule {
        line.push_str(&format!("  every {} s", schedule.as_secs()));
        if let Some(last) = job.finished_at {
            line.push_str(&format!(", last done {last}"));
        }
    }
    if job.attempts.begun > 0 {
        line.push_str(&format!("  attempt {} of {}", job.attempts.begun, job.attempts.most));
    }
    if let Some(error) = &job.last_error {
        line.push_str(&format!("  because: {}", plain(error, SHOWN)));
    }
    line
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::operation::job::Attempts;
    use crate::foundation::{Random, Timestamp};

    fn job() -> ListedJob {
        let now = Timestamp::from_secs(1_800_000_000);
        ListedJob {
            id: JobId::generate(&Random::seeded(1), now),
            kind: "prune".into(),
            key: "prune".into(),
            state: State::Waiting,
            attempts: Attempts { begun: 0, most: 5, schedule: Some(Duration::from_secs(60)) },
            run_at: now,
            last_error: None,
            created_at: now,
            created_by: "system".into(),
            finished_at: None,
        }
    }

    #[test]
    fn a_line_is_one_line_whatever_is_in_it() {
        let id = job().id;
        assert_eq!(
            line(&job()),
            format!("waiting  {id}  prune        prune  due 2027-01-15T08:00:00.000000Z  every 60 s")
        );
        let attempts = Attempts { begun: 5, most: 5, schedule: None };
        let error = Some("no route\n to \u{1b}[2Jhost".into());
        let dead = ListedJob { state: State::Dead, key: "a\nb".into(), attempts, last_error: error, ..job() };
        assert_eq!(
            line(&dead),
            format!(
                "dead     {id}  prune        a\u{fffd}b  ended 2027-01-15T08:00:00.000000Z  attempt 5 of 5  \
                 because: no route\u{fffd} to \u{fffd}[2Jhost"
            )
        );
    }
}
