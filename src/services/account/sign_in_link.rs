//! A link and a code by which somebody signs in who reads the mail of an account.

use serde::{Deserialize, Serialize};

use super::one_time_link::{self, NewLink, Whose};
use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::SignIn;
use crate::domain::account::one_time_link::Purpose;
use crate::domain::account::recovery::reachable;
use crate::domain::account::user::User;
use crate::domain::operation::audit_event::{Action, Target};
use crate::domain::sign_in::mailed_code::MailedCode;
use crate::foundation::SecretHash;
use crate::mail::message::Message;
use crate::services::ServiceError;
use crate::services::operation::events::event;
use crate::services::operation::jobs;
use crate::services::operation::mail::{self, NewMail, Queued};
use crate::storage::operation::audit_event;

/// What a link remembers.
#[derive(Serialize, Deserialize)]
pub struct Remembered {
    /// What waits for the sign-in.
    pub flow: String,
    /// Which time it was asked for at a page of ours; `None` where an application asked, which takes no link.
    #[serde(default)]
    pub asked: Option<String>,
    /// Whether the browser is to stay signed in when it is closed.
    pub stays: bool,
}

/// Writes to `user` how to sign in where it was asked for (`browser`) and nowhere else; nothing to whoever cannot be written to.
/// There is one such link for each person and each time that it was asked for: whoever asks again does not void it, here or
/// elsewhere. So many are there as may be asked for within ten minutes.
pub(super) async fn send(
    app: &App,
    by: &Actor,
    user: &User,
    browser: SecretHash,
    remembered: Remembered,
    locale: Option<String>,
) -> Result<(), ServiceError> {
    let Ok(to) = reachable(user) else {
        tracing::info!(user = %user.id, "no link to sign in: disabled, or without an address");
        return Ok(());
    };
    let may = by.may(SignIn)?;
    let (whose, purpose) = (Whose::User(user), Purpose::SignIn);
    let link = NewLink { purpose, whose, payload: &remembered, browser: Some(browser), expires_at: None };
    let code = MailedCode::generate(&app.random);
    let link = one_time_link::prepare(app, link)?.with_code(app, &code);
    let message = Message::SignIn { path: link.path(), code: code.reveal() };
    let mail = mail::prepare(app, by, NewMail { to, locale: user.locale().or(locale), message })?;
    let sent = event(app, &may, Action::SignInLinkSent).about(Target::user(user.id));
    let queued = app
        .store
        .transaction("send_sign_in_link", async |tx| {
            let queued = mail::enqueue(app, tx, &mail).await?;
            if queued == Queued::Added {
                one_time_link::insert(tx, &link).await?;
                audit_event::insert(tx, &sent).await?;
            }
            Ok(queued)
        })
        .await?;
    jobs::begin(app);
    match queued {
        Queued::Added => tracing::info!(user = %user.id, "link to sign in sent"),
        Queued::TooManyToOne | Queued::TooManyWaiting => {
            tracing::debug!(user = %user.id, "no link to sign in: too many mails");
        }
    }
    Ok(())
}
