//! The link in the mail, by which an account is made.

use super::make::{self, Chosen, Newcomer};
use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::SignUp as SignUpNow;
use crate::domain::account::one_time_link::Purpose;
use crate::domain::operation::audit_event::{Action, Change, Target};
use crate::services::ServiceError;
use crate::services::account::claim::SignUp;
use crate::services::account::one_time_link;
use crate::services::operation::events::event;
use crate::storage::account::user;
use crate::storage::operation::audit_event;

/// An account that waits for its address to be confirmed.
pub struct Pending {
    /// The address.
    pub email: String,
}

/// What came of a confirmation.
pub enum Confirmed {
    /// There is an account.
    Made(Box<Newcomer>),
    /// Somebody else has the username by now, or the address.
    Taken,
    /// The link was used, or its time is over.
    Over,
}

/// What the link would make, if it is open. It uses nothing up: programs that look at the links of a mail open them before a
/// person does.
///
/// # Errors
/// When the database does not answer.
pub async fn pending(app: &App, token: &str) -> Result<Option<Pending>, ServiceError> {
    let Some(found) = one_time_link::find(app, Purpose::SignUp, token).await? else { return Ok(None) };
    Ok(Some(Pending { email: found.payload::<SignUp>()?.email }))
}

/// Makes the account: one, however often and by however many at once the link is used. `binding` is the secret of the browser.
///
/// # Errors
/// When the database does not answer.
pub async fn confirm(app: &App, by: &Actor, token: &str, binding: &str) -> Result<Confirmed, ServiceError> {
    let may = by.may(SignUpNow)?;
    let Some(found) = one_time_link::find(app, Purpose::SignUp, token).await? else { return Ok(Confirmed::Over) };
    let SignUp { email, username, password_hash, locale, flow, asked_at, .. } = found.payload()?;
    let (user, names) = make::account(app, Chosen { email, username, password_hash, locale })?;
    let created = event(app, &may, Action::UserCreated).about(Target::user(user.id)).because("signed up");
    let created = created.changed(Change::of_user(None, &user));
    let stored = app
        .store
        .transaction("make_account_of_sign_up", async |tx| {
            if !one_time_link::take(app, tx, &found).await? {
                return Ok(None);
            }
            let stored = user::insert(tx, &user, &names).await?;
            audit_event::insert_if(tx, stored.is_ok(), &created).await?;
            Ok(Some(stored))
        })
        .await?;
    Ok(match stored {
        None => Confirmed::Over,
        Some(Err(_)) => Confirmed::Taken,
        Some(Ok(())) => {
            tracing::info!(user = %user.id, "user signed up");
            let is_here = found.is_of_browser(binding);
            Confirmed::Made(Box::new(Newcomer { user, proved_at: asked_at, flow, is_here }))
        }
    })
}
