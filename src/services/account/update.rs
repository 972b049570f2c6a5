//! Changing an account.

use std::time::Duration;

use serde_json::Value;

use super::{claimed, fit_to_be_new, gone};
use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::ManageUsers;
use crate::domain::account::error::AccountError;
use crate::domain::account::one_time_link::Purpose;
use crate::domain::account::renaming::Renaming;
use crate::domain::account::user::User;
use crate::domain::factor::policy::Rule;
use crate::domain::operation::audit_event::{Action, Change, Target};
use crate::foundation::{Timestamp, id::UserId};
use crate::services::ServiceError;
use crate::services::operation::events::event;
use crate::storage::account::{one_time_link, user};
use crate::storage::operation::audit_event;

/// How often a change is tried again because another came first.
const ATTEMPTS: usize = 5;

/// What is to be different; `None` leaves it as it is, an inner `None` takes it away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserChanges {
    /// To sign in with.
    pub username: Option<Option<String>>,
    /// To sign in with. A new address is not known to be theirs, unless that is said too.
    pub email: Option<Option<String>>,
    /// Whether the address is known to be theirs.
    pub email_verified: Option<bool>,
    /// Whether they administer this server.
    pub administrator: Option<bool>,
    /// From when on they need a second factor, whatever is demanded of others.
    pub second_factor_from: Option<Option<Timestamp>>,
    /// All of their groups.
    pub groups: Option<Vec<String>>,
    /// Claims to put in; `null` takes one away (RFC 7396).
    pub claims: Option<Value>,
}

/// Changes an account. What is changed has to be what could be created; a name that stays is not judged again.
///
/// # Errors
/// A refusal says which field cannot be taken and why.
pub async fn update(app: &App, by: &Actor, id: UserId, changes: UserChanges) -> Result<User, ServiceError> {
    let may = by.may(ManageUsers)?;
    for _ in 0..ATTEMPTS {
        let Some(before) = app.store.read("find_account_to_update", async |conn| user::find(conn, id).await).await?
        else {
            return Err(gone(id));
        };
        let seen = before.updated_at;
        let user = changed(app, before.clone(), changes.clone())?;
        if user.username != before.username {
            fit_to_be_new(user.username.as_deref())?;
        }
        let names = Renaming::of(&before, &user)?;
        let updated = event(app, &may, Action::UserUpdated).about(Target::user(id));
        let updated = updated.changed(Change::of_user(Some(&before), &user));
        let stored = app
            .store
            .transaction("update_account", async |tx| {
                let done = user::replace(tx, &user, &names, seen).await?;
                if done == Ok(true) && user.email != before.email {
                    // Whose it is, the administrator knows by now: nobody takes it back by a mail to an address before.
                    one_time_link::end_of_user(tx, id, &[Purpose::EmailUndo]).await?;
                }
                audit_event::insert_if(tx, done == Ok(true), &updated).await?;
                Ok(done)
            })
            .await?;
        if stored.map_err(|taken| AccountError::Taken { names: taken.0 })? {
            tracing::info!(user = %id, administrator = user.administrator, "user changed");
            return Ok(user);
        }
    }
    Err(AccountError::Contended { id }.into())
}

fn changed(app: &App, mut user: User, changes: UserChanges) -> Result<User, AccountError> {
    let UserChanges { username, email, email_verified, administrator, second_factor_from, groups, claims } = changes;
    let trimmed = |text: Option<String>| text.map(|text| text.trim().to_owned());
    if let Some(username) = username {
        user.username = trimmed(username);
    }
    // One that they have already is not read anew: the rules may have become stricter.
    let email = email.map(trimmed).filter(|email| *email != user.email).map(|email| email.as_deref().map(claimed));
    if let Some(email) = email.filter(|email| *email != user.email) {
        (user.email, user.email_verified) = (email, false);
    }
    user.email_verified = email_verified.unwrap_or(user.email_verified);
    if user.email_verified && user.email.is_none() {
        match email_verified {
            Some(true) => return Err(AccountError::NothingToVerify),
            _ => user.email_verified = false,
        }
    }
    user.administrator = administrator.unwrap_or(user.administrator);
    if let Some(from) = second_factor_from {
        if from.is_some() && app.settings.factors.rule == Rule::Off {
            return Err(AccountError::NoSecondFactors);
        }
        user.second_factor_from = from;
    }
    if let Some(claims) = claims {
        user.profile = user.profile.with(claims, |name| app.settings.claims.is_custom(name))?;
    }
    if let Some(groups) = groups {
        user.profile = user.profile.in_groups(groups)?;
    }
    // Later than before whatever the clock says: it is what tells two changes apart.
    user.updated_at = app.clock.now().max(user.updated_at.after(Duration::from_micros(1)));
    Ok(user)
}
