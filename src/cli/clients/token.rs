//! `latchkey clients token`.

use std::time::Duration;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::cli::{CliError, Common};
use crate::config;
use crate::domain::oauth::client::initial_access_token::InitialAccessToken;
use crate::foundation::id::InitialTokenId;
use crate::services::oauth::registration::{self, NewToken};

/// Tokens by which others register applications, where registration.dynamic lets them.
#[derive(Subcommand)]
pub enum Token {
    /// Make one. It is shown this once.
    Create(Create),
    /// List those that have not expired.
    List,
    /// End one. The applications that it has registered stay.
    Revoke(Revoke),
}

#[derive(Args)]
pub struct Create {
    /// Whom or what for: it is written down with each application that the token registers.
    #[arg(long, value_name = "NAME")]
    name: String,
    /// How many applications it can register.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=i64::from(InitialAccessToken::MOST_USES)))]
    uses: u32,
    /// How long it can be used, as in 12h or 30d.
    #[arg(long, value_name = "TIME", default_value = "7d", value_parser = config::duration)]
    expires: Duration,
}

#[derive(Args)]
pub struct Revoke {
    /// Its id, as the list shows it.
    id: InitialTokenId,
}

impl Token {
    pub async fn run(self, common: &Common) -> Result<(Value, String), CliError> {
        let app = common.app().await?;
        Ok(match self {
            Self::Create(Create { name, uses, expires }) => {
                let new = NewToken { name, uses, lifetime: expires };
                let (token, secret) = registration::create_token(&app, &common.actor(), new).await?;
                let secret = secret.expose();
                let mut object = describe(&token);
                if let Some(object) = object.as_object_mut() {
                    object.insert("token".to_owned(), json!(secret));
                }
                let off = if app.settings.registration.is_on() { "" } else { OFF };
                (object, format!("{}\ntoken  {secret}\nThe token is not shown again.{off}", line(&token)))
            }
            Self::List => {
                let all = registration::tokens(&app).await?;
                let lines: Vec<_> = all.iter().map(line).collect();
                (json!({"tokens": all.iter().map(describe).collect::<Vec<_>>()}), lines.join("\n"))
            }
            Self::Revoke(Revoke { id }) => {
                registration::revoke_token(&app, &common.actor(), id).await?;
                (
                    json!({"id": id, "revoked": true}),
                    format!("Ended {id}; the applications that it has registered stay."),
                )
            }
        })
    }
}

const OFF: &str = "\nwarning: nobody can use it while registration.dynamic is \"off\"";

fn describe(token: &InitialAccessToken) -> Value {
    json!({
        "id": token.id,
        "name": token.name,
        "uses_left": token.uses_left,
        "used": token.used,
        "created_at": token.created_at.to_string(),
        "expires_at": token.expires_at.to_string(),
    })
}

fn line(token: &InitialAccessToken) -> String {
    let InitialAccessToken { id, name, uses_left, used, expires_at, .. } = token;
    format!("{id}  {name}  used {used}, {uses_left} left, until {expires_at}")
}
