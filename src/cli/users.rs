//! `latchkey admin` and `latchkey users`.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::json;

use super::{CliError, Common, password};
use crate::domain::account::profile::Profile;
use crate::services::accounts::{self, NewUser};

/// Administrators.
#[derive(Subcommand)]
pub enum Admin {
    /// Create one. The password is asked for, or read from standard input.
    Create(CreateAdmin),
}

/// Users.
#[derive(Subcommand)]
pub enum Users {
    /// Create one. The password is asked for, or read from standard input.
    Create(CreateUser),
}

#[derive(Args)]
pub struct CreateAdmin {
    /// E-mail address to sign in with; taken to be theirs.
    #[arg(long)]
    email: String,
    /// Username to sign in with.
    #[arg(long)]
    username: Option<String>,
}

#[derive(Args)]
pub struct CreateUser {
    /// Username to sign in with.
    #[arg(long, required_unless_present = "email")]
    username: Option<String>,
    /// E-mail address to sign in with.
    #[arg(long)]
    email: Option<String>,
    /// The address is known to be theirs.
    #[arg(long, requires = "email")]
    email_verified: bool,
    /// A JSON object of standard claims (OpenID Connect Core 5.1): name, birthdate, address, …
    #[arg(long, value_name = "FILE.json")]
    claims: Option<PathBuf>,
}

impl Admin {
    pub async fn run(self, common: &Common) -> Result<(), CliError> {
        let Self::Create(admin) = self;
        let new = NewUser {
            username: admin.username,
            email: Some(admin.email),
            email_verified: true,
            administrator: true,
            profile: Profile::default(),
            password: None,
        };
        create(common, new).await
    }
}

impl Users {
    pub async fn run(self, common: &Common) -> Result<(), CliError> {
        let Self::Create(user) = self;
        let new = NewUser {
            username: user.username,
            email: user.email,
            email_verified: user.email_verified,
            administrator: false,
            profile: user.claims.as_deref().map(read_claims).transpose()?.unwrap_or_default(),
            password: None,
        };
        create(common, new).await
    }
}

async fn create(common: &Common, new: NewUser) -> Result<(), CliError> {
    let app = common.app().await?;
    let whom = new.username.clone().or_else(|| new.email.clone()).unwrap_or_default();
    let user = accounts::create(&app, NewUser { password: Some(password::read(&whom)?), ..new }).await?;
    let object = json!({
        "sub": user.id.to_string(),
        "username": user.username,
        "email": user.email,
        "email_verified": user.email_verified,
        "administrator": user.administrator,
    });
    let kind = if user.administrator { "administrator" } else { "user" };
    common.output().done(&object, &format!("Created {kind} {whom}, sub {}.", user.id));
    Ok(())
}

fn read_claims(path: &Path) -> Result<Profile, CliError> {
    let problem = |what: String| CliError::Other(format!("{}: {what}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| problem(error.to_string()))?;
    let claims = serde_json::from_str(&text).map_err(|error| problem(error.to_string()))?;
    Profile::parse(claims).map_err(|error| problem(error.to_string()))
}
