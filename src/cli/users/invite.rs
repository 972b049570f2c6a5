//! `latchkey users invite`.

use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};

use crate::app::App;
use crate::cli::{CliError, Common};
use crate::config;
use crate::services::account::sign_up::{NewInvitation, invite};
use crate::services::operation::mail::Queued;

/// The longest that an invitation may hold.
const LONGEST: Duration = Duration::from_secs(90 * 86_400);

/// Somebody to be invited.
#[derive(Args)]
pub struct Invite {
    /// The address that the invitation goes to, and that they sign in with.
    #[arg(long)]
    email: String,
    /// The username that they are to have.
    #[arg(long)]
    username: Option<String>,
    /// How long it holds, as in 3d or 12h; a week if it is not said.
    #[arg(long, value_parser = valid)]
    valid: Option<Duration>,
}

fn valid(text: &str) -> Result<Duration, String> {
    let valid = config::duration(text)?;
    match (Duration::from_secs(60)..=LONGEST).contains(&valid) {
        true => Ok(valid),
        false => Err("an invitation holds for a minute at least, and 90 days at most".to_owned()),
    }
}

impl Invite {
    pub async fn run(self, common: &Common, app: &App) -> Result<(Value, String), CliError> {
        let Self { email, username, valid } = self;
        let new = NewInvitation { email: email.clone(), username, valid };
        let invited = invite(app, &common.actor(), new).await?;
        let (mailed, how) = match invited.mail {
            Queued::Added => (true, "a server on this database sends them the link"),
            Queued::TooManyToOne => {
                (false, "no mail is sent, since this address has got as many as it may within an hour")
            }
            Queued::TooManyWaiting => (false, "no mail is sent, since as many wait as may"),
        };
        let until = invited.expires_at;
        let object = json!({
            "email": email,
            "link": invited.link.expose(),
            "expires_at": until.to_string(),
            "mailed": mailed,
        });
        Ok((object, format!("Invited {email} until {until}: {how}. With --json the link is printed, too.")))
    }
}
