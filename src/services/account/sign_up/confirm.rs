//! The link in the mail, by which an account is made.

use std::net::IpAddr;

use super::make::{self, Chosen, Newcomer};
use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::SignUp as SignUpNow;
use crate::domain::account::identifier::LoginIdentifier;
use crate::domain::account::one_time_link::Purpose;
use crate::domain::operation::audit_event::{Action, Change, Target};
use crate::domain::sign_in::authorization_request::Standing;
use crate::foundation::{SecretHash, SecretString};
use crate::services::ServiceError;
use crate::services::account::claim::SignUp;
use crate::services::account::one_time_link;
use crate::services::operation::events::event;
use crate::services::sign_in::authorization_request;
use crate::storage::account::user;
use crate::storage::operation::audit_event;

/// An account that waits for its address to be confirmed.
pub struct Pending {
    /// The address.
    pub email: String,
    /// Whether it was asked for in this browser: then no password is asked for.
    pub is_here: bool,
}

/// What somebody comes with.
pub struct Presented<'a> {
    /// The secret of the link.
    pub token: &'a str,
    /// The secret of the browser.
    pub binding: &'a str,
    /// The password, which counts in another browser than the one that asked.
    pub password: SecretString,
    /// Where from.
    pub address: IpAddr,
}

/// What came of a confirmation.
pub enum Confirmed {
    /// There is an account.
    Made(Box<Newcomer>),
    /// This is another browser than the one that asked, and not the password that was chosen there. The link holds on, if that
    /// was not the last of five.
    Wrong,
    /// Somebody else has the username by now, or something that looks like one of the names.
    Taken,
    /// There is an account with this very address: whoever reads its mail has confirmed another link before, or was invited.
    Exists,
    /// The link was used, or its time is over.
    Over,
}

/// What the transaction came to.
enum Stored {
    Made,
    Wrong,
    Taken,
    Exists,
    Over,
}

/// What the link would make, if it is open, in the browser with this secret. It uses nothing up: programs that look at the links
/// of a mail open them before a person does.
///
/// # Errors
/// When the database does not answer.
pub async fn pending(app: &App, token: &str, binding: &str) -> Result<Option<Pending>, ServiceError> {
    let Some(found) = one_time_link::find(app, Purpose::SignUp, token).await? else { return Ok(None) };
    Ok(Some(Pending { email: found.payload::<SignUp>()?.email, is_here: found.is_of_browser(binding) }))
}

/// Makes the account: one, however often and by however many at once the link is used.
///
/// In another browser than the one that asked, the password is needed that was chosen there. Whoever reads a mail is not always
/// whoever asked for it: a stranger asks with a password of their own, and the owner of the address, who wants an account too,
/// opens the link of that mail. Five passwords are compared for one link, counted with what comes of them; then it is over.
///
/// # Errors
/// When the database does not answer, or the queue of passwords is full: then no try is counted.
pub async fn confirm(app: &App, by: &Actor, presented: Presented<'_>) -> Result<Confirmed, ServiceError> {
    let may = by.may(SignUpNow)?;
    let Presented { token, binding, password, address } = presented;
    let Some(found) = one_time_link::find(app, Purpose::SignUp, token).await? else { return Ok(Confirmed::Over) };
    let SignUp { email, username, password_hash, locale, flow, asked_at, .. } = found.payload()?;
    let is_here = found.is_of_browser(binding);
    let is_theirs = match is_here {
        true => true,
        false => app.passwords.turn().await?.verify(password, Some(&password_hash)).await?.matches,
    };
    let address_name = LoginIdentifier::email(&email).map_err(ServiceError::internal)?;
    let (user, names) = make::account(app, Chosen { email, username, password_hash, locale })?;
    let created = event(app, &may, Action::UserCreated).about(Target::user(user.id)).because("signed up");
    let created = created.changed(Change::of_user(None, &user));
    let stored = app
        .store
        .transaction("make_account_of_sign_up", async |tx| {
            // Counted whatever comes of it: of many at once no more than five learn whether they were right.
            if !is_here && !one_time_link::count_try(app, tx, &found).await? {
                return Ok(Stored::Over);
            }
            if !is_theirs {
                return Ok(Stored::Wrong);
            }
            if !one_time_link::take(app, tx, &found).await? {
                return Ok(Stored::Over);
            }
            if let Err(taken) = user::insert(tx, &user, &names).await? {
                return Ok(if taken.0.contains(&address_name) { Stored::Exists } else { Stored::Taken });
            }
            audit_event::insert(tx, &created).await?;
            Ok(Stored::Made)
        })
        .await?;
    match stored {
        Stored::Over => Ok(Confirmed::Over),
        Stored::Taken => Ok(Confirmed::Taken),
        Stored::Exists => Ok(Confirmed::Exists),
        Stored::Wrong => {
            tracing::info!(%address, "sign-up not confirmed: another browser, and not the password that was chosen");
            Ok(Confirmed::Wrong)
        }
        Stored::Made => {
            tracing::info!(user = %user.id, "user signed up");
            let proved_at = if is_here { asked_at } else { app.clock.now() };
            let flow = taken_up_here(app, flow, SecretHash::of(binding), address).await?;
            Ok(Confirmed::Made(Box::new(Newcomer { user, proved_at, flow })))
        }
    }
}

/// What the account was wanted for, as it goes on in the browser with this secret: whoever has the password that was chosen in
/// another browser is whoever began there.
async fn taken_up_here(app: &App, flow: String, browser: SecretHash, address: IpAddr) -> Result<String, ServiceError> {
    let Some(found) = authorization_request::find(app, &flow).await? else { return Ok(flow) };
    match found.standing(Some(&browser), app.clock.now()) {
        Standing::Here | Standing::Forgotten => Ok(flow),
        Standing::Anew => {
            let anew = authorization_request::carry(app, &found.request, browser, address).await?;
            Ok(anew.unwrap_or(flow))
        }
    }
}
