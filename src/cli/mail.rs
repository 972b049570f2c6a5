//! `latchkey mail`.

use clap::Subcommand;
use serde_json::json;

use super::{CliError, Common};
use crate::app::App;
use crate::foundation::mail_address::MailAddress;
use crate::foundation::{Clock, Random};
use crate::services::operation::mail;

/// Mail to people.
#[derive(Subcommand)]
pub enum Mail {
    /// Send a test mail, and say what the mail server answered; exit status 1 if it did not take it. The database is not
    /// needed.
    Test {
        /// To whom.
        #[arg(value_parser = address)]
        address: MailAddress,
    },
}

/// An address, or what is wrong with it.
fn address(text: &str) -> Result<MailAddress, String> {
    MailAddress::parse(text).map_err(|error| error.to_string())
}

impl Mail {
    pub async fn run(self, common: &Common) -> Result<(), CliError> {
        let Self::Test { address } = self;
        let config = common.read_config()?;
        let (ours, head) = (App::mail(&config, false), App::letterhead(&config));
        let (clock, random, asked_by) = (Clock::System, Random::System, common.actor().who.id().unwrap_or_default());
        let accepted = mail::test(&ours, &head, (&clock, &random), address, asked_by)
            .await?
            .map_err(|error| CliError::Other(format!("{error}; {}", error.advice())))?;
        let mail::Accepted { server, is_encrypted, answer } = &accepted;
        let protection = if *is_encrypted { "encrypted" } else { "not encrypted" };
        let text = format!("{server} has taken the mail ({protection}): {answer}");
        common.output().done(&json!({"server": server, "encrypted": is_encrypted, "answer": answer}), &text);
        Ok(())
    }
}
