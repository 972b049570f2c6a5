//! People's accounts: made, found, changed, switched off and on, deleted.

mod activity;
mod apps;
pub mod asked_by_mail;
mod breach_check;
mod change_email;
mod change_password;
mod claim;
pub mod code_brake;
mod confirm_email_code;
mod create;
mod delete;
mod leave;
mod look_at_names;
mod new_password;
pub mod one_time_link;
mod own_data;
mod prove_address;
pub mod recover;
mod remembered_devices;
mod sessions;
mod set_enabled;
mod set_password;
pub mod sign_in_link;
pub mod sign_up;
pub mod tell;
mod undo_email;
mod unlock;
mod update;
mod update_profile;

pub use self::activity::{Activity, Disputed, activity, client_of, dispute};
pub use self::apps::{ConnectedApp, connected_apps, disconnect_app};
pub use self::change_email::{
    AddressWanted, ChangeAsked, EmailConfirmed, LinkFollowed, ToConfirm, address_to_confirm, ask_for_address,
    confirm_address,
};
pub use self::change_password::{Changed, PasswordChange, change_password};
pub use self::confirm_email_code::{CodeGiven, EmailCode, cancel_address, confirm_address_by_code, new_request};
pub use self::create::{NewUser, create};
pub use self::delete::delete;
pub use self::leave::{Leaving, delete_due, leave, stay};
pub use self::look_at_names::look_at_names;
pub use self::new_password::NewPassword;
pub use self::own_data::{EventPages, Exported, MOST_EVENTS, OpenLink, OwnData, own_data};
pub use self::prove_address::prove_address;
pub use self::remembered_devices::{forget_device, remembered_devices};
pub use self::sessions::{end_other_sessions, end_own_session, own_sessions, sign_out_everywhere};
pub use self::set_enabled::set_enabled;
pub use self::set_password::set_password;
pub use self::undo_email::{EmailUndone, address_to_restore, undo_address};
pub use self::unlock::unlock;
pub use self::update::{UserChanges, update};
pub use self::update_profile::{ProfileChange, update_profile, update_profile_if};
use super::ServiceError;
use crate::app::App;
use crate::domain::access::permission::Allowed;
use crate::domain::account::error::AccountError;
use crate::domain::account::identifier::{IdentifierError, LoginIdentifier};
use crate::domain::account::renaming;
use crate::domain::account::sign_up::NewAddress;
use crate::domain::account::user::User;
use crate::domain::oauth::token::pairwise_sub::PairwiseSub;
use crate::domain::operation::audit_event::{Action, Target};
use crate::foundation::id::UserId;
use crate::services::operation::events::event;
use crate::services::sign_in::session_end::end_all_in;
use crate::storage::account::user;
use crate::storage::oauth::grant;
use crate::storage::operation::audit_event;
use crate::storage::sign_in::{pending_sign_in, remembered_device};
use crate::storage::{Conn, StoreError};

/// The account that one signs in to with this username or e-mail address.
///
/// # Errors
/// When the database does not answer.
pub async fn find(app: &App, name: &str) -> Result<Option<User>, ServiceError> {
    let Ok(identifier) = LoginIdentifier::typed(name) else {
        return Ok(None);
    };
    Ok(app.store.read("find_account_by_name", async |conn| user::find_by_identifier(conn, &identifier).await).await?)
}

/// The account with this id, username or e-mail address, or of which an application that still has access says this pairwise `sub`.
///
/// # Errors
/// A refusal when there is none, or when it is one's id and another's username.
pub async fn show(app: &App, name: &str) -> Result<User, ServiceError> {
    let by_name = find(app, name).await?;
    let by_id = match name.trim().parse::<UserId>() {
        Ok(id) => app.store.read("find_account", async |conn| user::find(conn, id).await).await?,
        Err(_) => match PairwiseSub::parse(name.trim()) {
            Some(sub) => app.store.read("find_by_sub", async |conn| grant::user_of_sub(conn, &sub).await).await?,
            None => None,
        },
    };
    match (by_id, by_name) {
        (Some(one), Some(other)) if one.id != other.id => {
            Err(AccountError::Ambiguous { name: name.to_owned(), id: one.id, named: other.id }.into())
        }
        (Some(user), _) | (None, Some(user)) => Ok(user),
        (None, None) => Err(AccountError::Unknown { name: name.to_owned() }.into()),
    }
}

/// Users in the order in which they were made, at most `limit` of those after `after`.
///
/// # Errors
/// When the database does not answer.
pub async fn list(app: &App, after: Option<UserId>, limit: u32) -> Result<Vec<User>, ServiceError> {
    Ok(app.store.read("list_accounts", async |conn| user::list(conn, after, limit.into()).await).await?)
}

/// What they sign in with, in canonical form.
pub(in crate::services) fn identifiers(
    username: Option<&str>,
    email: Option<&str>,
) -> Result<Vec<LoginIdentifier>, AccountError> {
    let (username, email) = (username.map(renaming::username), email.map(renaming::email));
    let identifiers = username.into_iter().chain(email).collect::<Result<Vec<_>, _>>()?;
    match identifiers.is_empty() {
        true => Err(AccountError::Nameless),
        false => Ok(identifiers),
    }
}

/// An address as it is stored: where mail to it goes. What is none stays as it is, for whoever judges it.
pub(in crate::services) fn claimed(email: &str) -> String {
    NewAddress::parse(email).map_or_else(|_| email.trim().to_owned(), |address| address.claim)
}

/// Whether a username may be given to somebody who does not have it yet.
fn fit_to_be_new(username: Option<&str>) -> Result<(), AccountError> {
    let mixed = |text: &&str| LoginIdentifier::username(text).is_ok_and(|name| !name.is_of_one_script());
    match username.filter(mixed) {
        Some(text) => Err(AccountError::Username { username: text.to_owned(), why: IdentifierError::MixedScripts }),
        None => Ok(()),
    }
}

/// Ends whatever a user has got by signing in, and writes down that their sessions have ended, and why. Tells how many
/// sessions and grants.
pub(in crate::services) async fn end_everything<P>(
    app: &App,
    tx: &mut Conn,
    may: &Allowed<'_, P>,
    id: UserId,
    why: &'static str,
) -> Result<(usize, usize), StoreError> {
    let (sessions, grants) = end_all(app, tx, id).await?;
    let ended = event(app, may, Action::SessionEnded).about(Target::user(id)).because(why).times(sessions);
    audit_event::insert_if(tx, sessions > 0, &ended).await?;
    forget_devices(app, tx, may, id, why).await?;
    Ok((sessions, grants))
}

/// Forgets the browsers in which a user is not asked for a second factor, and writes that down.
pub(in crate::services) async fn forget_devices<P>(
    app: &App,
    tx: &mut Conn,
    may: &Allowed<'_, P>,
    id: UserId,
    why: &'static str,
) -> Result<(), StoreError> {
    let devices = remembered_device::end_of_user(tx, id).await?;
    let forgotten = event(app, may, Action::DeviceForgotten).about(Target::user(id)).because(why).times(devices);
    audit_event::insert_if(tx, devices > 0, &forgotten).await.map(drop)
}

/// Sessions, sign-ins that are half done, grants, and with these codes and tokens; and links that were mailed to the user,
/// which do not outlive a change of the account.
async fn end_all(app: &App, tx: &mut Conn, id: UserId) -> Result<(usize, usize), StoreError> {
    pending_sign_in::end_of_user(tx, id).await?;
    one_time_link::end_of_user(tx, id).await?;
    end_all_in(app, tx, id).await
}

fn gone(id: UserId) -> ServiceError {
    AccountError::Gone { id }.into()
}
