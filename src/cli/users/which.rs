//! How commands name a user.

use clap::Args;

use crate::app::App;
use crate::cli::CliError;
use crate::domain::account::user::User;
use crate::services::account;

/// A user.
#[derive(Args)]
pub struct Which {
    /// Username, e-mail address or id (the sub claim; a pairwise one as long as its application has access).
    #[arg(value_name = "USER")]
    name: String,
}

impl Which {
    /// As it was given.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The user with this name.
    pub async fn find(&self, app: &App) -> Result<User, CliError> {
        Ok(account::show(app, &self.name).await?)
    }
}
