//! `latchkey clock`.

use clap::Subcommand;
use serde_json::json;

use super::{CliError, Common};
use crate::services::operation::clock_guard;

/// The time that servers believe.
#[derive(Subcommand)]
pub enum Clock {
    /// Say that this machine's clock is right, after it was set or the server was off for long: what has expired by it is
    /// deleted again. Servers that doubt their clock find out by themselves after six hours.
    Confirm,
}

impl Clock {
    pub async fn run(self, common: &Common) -> Result<(), CliError> {
        let Self::Confirm = self;
        let now = clock_guard::confirm(&common.app().await?, &common.actor()).await?;
        common.output().done(&json!({ "confirmed": now.to_string() }), &format!("Confirmed: it is {now}."));
        Ok(())
    }
}
