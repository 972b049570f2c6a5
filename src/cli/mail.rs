//! `latchkey mail`.

use clap::Subcommand;
use serde_json::json;

use super::{CliError, Common};
use crate::app::App;
use crate::foundation::mail_address::MailAddress;
use crate::foundation::{Clock, Random};
use crate::services::operation::mail::{self, Queued};

/// Mail to people.
#[derive(Subcommand)]
pub enum Mail {
    /// Send a test mail, and say what the mail server answered; exit status 1 if it did not take it. The database is not
    /// needed.
    Test {
        /// To whom.
        #[arg(value_parser = address)]
        address: MailAddress,
        /// Have a running server send it instead, with its own settings, as it sends all others.
        #[arg(long)]
        queued: bool,
    },
}

/// An address, or what is wrong with it.
fn address(text: &str) -> Result<MailAddress, String> {
    MailAddress::parse(text).map_err(|error| error.to_string())
}

impl Mail {
    pub async fn run(self, common: &Common) -> Result<(), CliError> {
        let Self::Test { address, queued } = self;
        if queued {
            let text = format!(
                "A server on this database sends a test mail to {address}: see `latchkey jobs list --kind mail`."
            );
            let refused = match mail::queue_test(&common.app().await?, &common.actor(), address).await? {
                Queued::Added => None,
                Queued::TooManyToOne => Some("this address has got as many test mails as it may within an hour"),
                Queued::TooManyWaiting => Some("as many mails wait to be sent as may: does the mail server take them?"),
            };
            if let Some(refused) = refused {
                return Err(CliError::Other(refused.to_owned()));
            }
            common.output().done(&json!({"queued": true}), &text);
            return Ok(());
        }
        let config = common.read_config()?;
        let (ours, head) = (App::mail(&config, false), App::letterhead(&config));
        let (clock, random, asked_by) = (Clock::System, Random::System, common.actor().who.id().unwrap_or_default());
        let written = (&head, config.ui.default_language);
        let accepted = mail::test(&ours, written, (&clock, &random), address, asked_by)
            .await?
            .map_err(|error| CliError::Other(format!("{error}; {}", error.advice())))?;
        let mail::Accepted { server, is_encrypted, answer } = &accepted;
        let protection = if *is_encrypted { "encrypted" } else { "not encrypted" };
        let text = format!("{server} has taken the mail ({protection}): {answer}");
        common.output().done(&json!({"server": server, "encrypted": is_encrypted, "answer": answer}), &text);
        Ok(())
    }
}
