//! `latchkey events`.

use std::time::Duration;

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::sleep;

use super::{CliError, Common, output};
use crate::app::App;
use crate::domain::oauth::client::ClientId;
use crate::domain::operation::audit_event::{Action, RecordedEvent};
use crate::foundation::id::UserId;
use crate::foundation::text::plain;
use crate::services::account;
use crate::services::operation::events::{self, Filter};

/// The record of who did what.
#[derive(Subcommand)]
pub enum Events {
    /// List the latest events, or those after a number, in the order of their numbers.
    List(List),
}

#[derive(Args)]
pub struct List {
    /// Go on with what happens from now on, until Ctrl-C.
    #[arg(long)]
    follow: bool,
    /// Only this action, as in login.failed; docs/events.md has them all.
    #[arg(long, value_name = "ACTION", value_parser = clap::builder::PossibleValuesParser::new(Action::ALL.iter().map(|action| action.as_str())))]
    action: Option<String>,
    /// Only what a person did, or was done to them: username, e-mail address or id. Of one who is gone, the id.
    #[arg(long, value_name = "USER")]
    user: Option<String>,
    /// Only what a client did, or was done to it or for it: the client_id.
    #[arg(long, value_name = "CLIENT", conflicts_with = "user")]
    client: Option<String>,
    /// Only those after the one with this number: 0 begins with the oldest. Default: the latest.
    #[arg(long, value_name = "SEQ")]
    since: Option<i64>,
    /// How many at most; with --follow, before it goes on.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    limit: u32,
}

/// How often it is asked whether something happened.
const POLL: Duration = Duration::from_secs(1);
/// Events that are read at once while following.
const PAGE: usize = 1_000;

impl Events {
    pub async fn run(self, common: &Common) -> Result<(), CliError> {
        let Self::List(list) = self;
        let app = common.app().await?;
        let filter = list.filter(&app).await?;
        let limit = usize::try_from(list.limit).unwrap_or(usize::MAX);
        let print = |events: &[RecordedEvent]| events.iter().for_each(|event| print(common, event));
        // Where to go on is asked first: whatever comes meanwhile is not missed.
        let at_first = newest(&app).await?;
        let shown = match list.since {
            Some(since) => events::after(&app, since, limit, &filter).await?,
            None => events::latest(&app, limit, &filter).await?,
        };
        if !list.follow {
            print(&shown);
            return Ok(());
        }
        // Before anything is printed: whoever sees the first line may end it.
        let mut interrupted = signal(SignalKind::interrupt())?;
        print(&shown);
        let cut_short = list.since.is_some() && shown.len() == limit;
        let last = shown.last().map(|event| event.seq);
        let mut from = if cut_short { last.unwrap_or(at_first) } else { at_first.max(last.unwrap_or(0)) };
        tokio::select! {
            outcome = async {
                loop {
                    // Asked first: whatever comes meanwhile is not missed.
                    let now_newest = newest(&app).await?;
                    let more = events::after(&app, from, PAGE, &filter).await?;
                    print(&more);
                    let last = more.last().map_or(from, |event| event.seq);
                    // What the filter leaves out is not read again.
                    from = if more.len() == PAGE { last } else { now_newest.max(last) };
                    sleep(POLL).await;
                }
            } => outcome,
            _ = interrupted.recv() => Ok(()),
        }
    }
}

/// The number of the last event.
async fn newest(app: &App) -> Result<i64, CliError> {
    Ok(events::latest(app, 1, &Filter::default()).await?.first().map_or(0, |event| event.seq))
}

impl List {
    async fn filter(&self, app: &App) -> Result<Filter, CliError> {
        let user = match &self.user {
            None => None,
            Some(name) => Some(match (account::show(app, name).await, name.trim().parse::<UserId>()) {
                (Ok(user), _) => user.id,
                (Err(_), Ok(gone)) => gone,
                (Err(error), Err(_)) => return Err(error.into()),
            }),
        };
        let client = self.client.as_deref().map(ClientId::new);
        Ok(Filter { action: self.action.as_deref().and_then(Action::parse), user, client })
    }
}

fn print(common: &Common, event: &RecordedEvent) {
    match common.json {
        true => output::line(&object(event).to_string()),
        false => output::line(&line(event)),
    }
}

/// One object in one line; what an event does not have is left out.
fn object(event: &RecordedEvent) -> Value {
    let mut object = json!({
        "seq": event.seq,
        "id": event.id.to_string(),
        "at": event.occurred_at.to_string(),
        "action": event.action,
        "outcome": event.outcome,
        "actor": {"kind": event.actor_kind, "id": event.actor_id},
        "on_behalf_of": event.on_behalf_of.map(|user| user.to_string()),
        "targets": event.targets,
        "client_id": event.client,
        "session_id": event.session.map(|session| session.to_string()),
        "address": event.address,
        "user_agent": event.user_agent,
        "request_id": event.request,
        "reason": event.reason,
        "changes": event.changes,
        "count": event.count,
    });
    if let Some(members) = object.as_object_mut() {
        members.retain(|_, value| !value.is_null() && *value != json!([]));
    }
    object
}

/// Characters that are shown of one value.
const SHOWN: usize = 120;

/// One line for people: what, by whom, to what, where from, what changed. Nothing in it can move a cursor or look like
/// another line.
fn line(event: &RecordedEvent) -> String {
    let mut line = format!("{:>6}  {}  {:<24}", event.seq, event.occurred_at, event.action);
    if event.outcome != "success" {
        line.push_str(&format!("  {}", event.outcome));
    }
    if event.count != 1 {
        line.push_str(&format!("  {} times", event.count));
    }
    line.push_str(&format!("  by {}", event.actor_kind));
    let mut add = |before: &str, value: Option<&str>| {
        if let Some(value) = value {
            line.push_str(&format!("{before}{}", plain(value, SHOWN)));
        }
    };
    add(" ", event.actor_id.as_deref());
    add(" for user ", event.on_behalf_of.map(|user| user.to_string()).as_deref());
    for target in event.targets.as_array().into_iter().flatten() {
        add("  ", target["type"].as_str());
        add(" ", target["id"].as_str());
    }
    add("  client ", event.client.as_deref().filter(|_| event.actor_kind != "client"));
    add("  from ", event.address.as_deref());
    add("  request ", event.request.as_deref());
    add("  because: ", event.reason.as_deref());
    for change in event.changes.as_array().into_iter().flatten() {
        add("  ", change["field"].as_str());
        match (change.get("old"), change.get("new")) {
            (None, None) => {}
            (old, new) => {
                let text = |value: Option<&Value>| value.map_or_else(|| "nothing".to_owned(), Value::to_string);
                add(": ", Some(&text(old)));
                add(" -> ", Some(&text(new)));
            }
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::foundation::id::EventId;
    use crate::foundation::{Random, Timestamp};

    fn event() -> RecordedEvent {
        let now = Timestamp::from_secs(1_800_000_000);
        RecordedEvent {
            seq: 7,
            id: EventId::generate(&Random::seeded(1), now),
            occurred_at: now,
            action: "user.updated".into(),
            outcome: "success".into(),
            actor_kind: "command_line".into(),
            actor_id: Some("root".into()),
            on_behalf_of: None,
            targets: json!([{"type": "user", "id": "u-1"}]),
            client: None,
            session: None,
            address: None,
            user_agent: None,
            request: None,
            reason: None,
            changes: json!([{"field": "email", "old": "a@b", "new": "c\u{1b}[2J\n@d"}, {"field": "password", "hidden": true}]),
            count: 1,
        }
    }

    #[test]
    fn a_line_is_one_line_whatever_is_in_it() {
        let line = line(&RecordedEvent { actor_id: Some("root\n8 nothing".into()), ..event() });
        assert_eq!(
            line,
            "     7  2027-01-15T08:00:00.000000Z  user.updated              by command_line root\u{fffd}8 nothing  user u-1  \
             email: \"a@b\" -> \"c\\u001b[2J\\n@d\"  password"
        );
        assert!(!line.chars().any(char::is_control));
    }

    #[test]
    fn an_object_leaves_out_what_is_not_there() {
        let object = object(&RecordedEvent { targets: json!([]), changes: json!([]), ..event() });
        let names: Vec<_> = object.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names, ["seq", "id", "at", "action", "outcome", "actor", "count"]);
    }
}
