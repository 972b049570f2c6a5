//! `latchkey users factors`.

use clap::Subcommand;
use serde_json::{Value, json};

use super::which::Which;
use crate::app::App;
use crate::cli::{CliError, Common, confirm};
use crate::domain::factor::second_factor::SecondFactor;
use crate::services::factor::{self, lost_factors, recovery_codes};

/// What a person proves beside the password.
#[derive(Subcommand)]
pub enum Factors {
    /// List one's second factors, and how many recovery codes are left.
    List(Which),
    /// Take every second factor and the recovery codes away: for whoever has lost them. Sessions, grants and tokens end, and
    /// the password alone signs in, unless a second factor is required. Be sure who asks for it.
    Reset(Reset),
    /// Stop what somebody has begun who says to have lost every second factor: they stay.
    CancelRecovery(Which),
}

#[derive(clap::Args)]
pub struct Reset {
    #[command(flatten)]
    which: Which,
    /// Do not ask.
    #[arg(long)]
    yes: bool,
}

impl Factors {
    pub async fn run(self, common: &Common, app: &App) -> Result<(Value, String), CliError> {
        match self {
            Self::List(which) => {
                let user = which.find(app).await?;
                let factors = factor::list(app, &user).await?;
                let lost = lost_factors::find(app, &user).await?;
                let left = recovery_codes::left(app, &user).await?.map_or(0, |(left, _)| left);
                let mut text: Vec<_> = factors.iter().map(line).collect();
                if factors.is_empty() {
                    text.push(format!("{} has no second factor.", user.login_name().unwrap_or("The user")));
                } else {
                    text.push(format!("Recovery codes left: {left}"));
                }
                if let Some(lost) = &lost {
                    text.push(format!(
                        "Said to be lost at {}: from {} on the password and a mailed code remove them.",
                        lost.requested_at, lost.effective_at
                    ));
                }
                let factors: Vec<_> = factors.iter().map(describe).collect();
                let lost = lost.map(|lost| {
                    json!({"requested_at": lost.requested_at.to_string(), "effective_at": lost.effective_at.to_string()})
                });
                let json = json!({"factors": factors, "recovery_codes_left": left, "lost": lost});
                Ok((json, text.join("\n")))
            }
            Self::CancelRecovery(which) => {
                let user = which.find(app).await?;
                let cancelled = lost_factors::cancel(app, &common.actor(), user.id).await?;
                let whom = user.login_name().unwrap_or("The user");
                let text = match cancelled {
                    true => format!("The second factors of {whom} stay."),
                    false => format!("Nobody has said that the second factors of {whom} are lost."),
                };
                Ok((json!({"sub": user.id.to_string(), "cancelled": cancelled}), text))
            }
            Self::Reset(Reset { which, yes }) => {
                let user = which.find(app).await?;
                let whom = format!("{} (sub {})", user.login_name().unwrap_or("a user"), user.id);
                confirm::or_yes(&format!("Take every second factor of {whom} away?"), yes)?;
                let reset = factor::reset(app, &common.actor(), user.id).await?;
                let text = match reset.factors {
                    0 => format!("{whom} has no second factor."),
                    count => format!("Took {count} away from {whom}; sessions, grants and tokens have ended."),
                };
                Ok((json!({"sub": user.id.to_string(), "removed": reset.factors}), text))
            }
        }
    }
}

fn describe(factor: &SecondFactor) -> Value {
    json!({
        "id": factor.id.to_string(),
        "kind": factor.kind.as_str(),
        "name": factor.name,
        "added_at": factor.confirmed_at.map(|time| time.to_string()),
        "last_used_at": factor.last_used_at.map(|time| time.to_string()),
    })
}

fn line(factor: &SecondFactor) -> String {
    let used = factor.last_used_at.map_or_else(|| "never used".to_owned(), |time| format!("last used {time}"));
    let name = factor.name.as_deref().unwrap_or("(no name)");
    format!("{}  {}  {name}  {used}", factor.id, factor.kind.as_str())
}
