//! Telling people by mail of what their account's safety depends on. A mail goes to the address that is known to be theirs, and
//! to no other; where there is none, or no mail, the record of events has it all the same.

use crate::app::App;
use crate::domain::access::actor::{Actor, UserAgent, Who};
use crate::domain::account::user::User;
use crate::domain::sign_in::device_name::DeviceName;
use crate::foundation::mail_address::MailAddress;
use crate::mail::message::{Circumstances, Message};
use crate::services::operation::mail::{self, NewMail, Prepared};
use crate::services::operation::places;
use crate::storage::{Conn, StoreError};

/// A mail that is ready for the transaction of what it tells of, if there is one.
pub struct Told(Option<Prepared>);

/// Prepares to tell `user` of what `by` is about to do. Nothing that keeps them from being told keeps it from being done.
pub fn prepare(app: &App, by: &Actor, user: &User, what: impl FnOnce(Circumstances) -> Message) -> Told {
    let address = user.email.as_deref().filter(|_| user.email_verified && app.mail.is_configured());
    let Some(to) = address.and_then(|text| MailAddress::parse(text).ok()) else { return Told(None) };
    let locale = user.locale();
    let message = what(circumstances(app, by, locale.as_deref()));
    match mail::prepare(app, by, NewMail { to, locale, message }) {
        Ok(prepared) => Told(Some(prepared)),
        Err(error) => {
            tracing::warn!(user = %user.id, %error, "a person could not be told of a change to their account");
            Told(None)
        }
    }
}

/// When and where something happens that `by` does now, for whoever reads this language.
pub(in crate::services) fn circumstances(app: &App, by: &Actor, locale: Option<&str>) -> Circumstances {
    let address = by.origin.address.map(|address| address.to_string());
    let place = places::of(app, address.as_deref(), mail::language(app, locale));
    let name = DeviceName::of(by.origin.user_agent.as_ref().map(UserAgent::as_str));
    Circumstances {
        at: app.clock.now(),
        by_administrator: matches!(by.who, Who::CommandLine(_)),
        browser: name.browser,
        system: name.system,
        address,
        place,
    }
}

impl Told {
    /// Nobody is told.
    pub const fn nobody() -> Self {
        Self(None)
    }

    /// Adds the mail in the transaction of what it tells of; `jobs::begin` after it hurries it. Where no more mails are taken,
    /// it is left out.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn enqueue(&self, app: &App, tx: &mut Conn) -> Result<(), StoreError> {
        match &self.0 {
            Some(prepared) => mail::enqueue(app, tx, prepared).await.map(drop),
            None => Ok(()),
        }
    }
}
