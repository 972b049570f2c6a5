//! Changing one's own profile.

use std::time::Duration;

use super::gone;
use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::ActOnSelf;
use crate::domain::account::error::AccountError;
use crate::domain::account::own_profile::{Wrong, filled_in};
use crate::domain::account::renaming::Renaming;
use crate::domain::account::user::User;
use crate::domain::operation::audit_event::{Action, Change, Target};
use crate::domain::sign_in::session::Session;
use crate::services::ServiceError;
use crate::services::operation::brake;
use crate::services::operation::events::event;
use crate::storage::account::user;
use crate::storage::factor::second_factor;
use crate::storage::operation::audit_event;
use crate::storage::sign_in::session as held;

/// How often a change is tried again because another came first.
const ATTEMPTS: usize = 5;
/// Changes of one profile within [`WINDOW`]: each leaves an event for two years.
const MOST: u64 = 60;
const WINDOW: Duration = Duration::from_secs(3600);

/// Puts what a person has typed into their profile. `typed` is asked for the fields that people may change, and for no other.
///
/// # Errors
/// A refusal when the account is gone, or was changed again and again meanwhile, or the session has ended. When the database
/// does not answer.
pub async fn update_profile<'a>(
    app: &App,
    by: &Actor,
    session: &Session,
    typed: impl Fn(&str) -> Option<&'a str>,
) -> Result<ProfileChange, ServiceError> {
    update_profile_if(app, by, session, |_| true, typed).await
}

/// What became of a change of a profile.
pub enum ProfileChange {
    /// The account as it is now.
    Saved(Box<User>),
    /// Each field that cannot be taken; nothing was changed.
    Wrong(Vec<Wrong>),
    /// The account is not as it was expected to be; nothing was changed.
    Unexpected,
    /// It was changed too often lately: wait so long; nothing was changed.
    Wait(Duration),
}

/// The same, if the account is as whoever changes it expects.
///
/// # Errors
/// As above.
pub async fn update_profile_if<'a>(
    app: &App,
    by: &Actor,
    session: &Session,
    is_expected: impl Fn(&User) -> bool,
    typed: impl Fn(&str) -> Option<&'a str>,
) -> Result<ProfileChange, ServiceError> {
    let id = session.user;
    let may = by.may(ActOnSelf(id))?;
    let mut is_counted = false;
    for _ in 0..ATTEMPTS {
        let found = app.store.read("find_own_account", async |conn| user::find(conn, id).await).await?;
        let Some(before) = found else { return Err(gone(id)) };
        if !is_expected(&before) {
            return Ok(ProfileChange::Unexpected);
        }
        let profile = match filled_in(&before.profile, &typed) {
            Ok(profile) if profile == before.profile => return Ok(ProfileChange::Saved(Box::new(before))),
            Ok(profile) => profile,
            Err(wrong) => return Ok(ProfileChange::Wrong(wrong)),
        };
        if !is_counted {
            let limits = [app.ephemeral.limit(&format!("profile/{id}"), MOST)];
            if let Some(wait) = brake::hit(app, by, &limits, WINDOW).await? {
                return Ok(ProfileChange::Wait(wait));
            }
            is_counted = true;
        }
        // Later than before whatever the clock says: it is what tells two changes apart.
        let updated_at = app.clock.now().max(before.updated_at.after(Duration::from_micros(1)));
        let after = User { profile, updated_at, ..before.clone() };
        let updated = event(app, &may, Action::UserUpdated).about(Target::user(id));
        let updated = updated.changed(Change::of_user(Some(&before), &after));
        let done = app
            .store
            .transaction("update_own_profile", async |tx| {
                // As everything that changes an account: its row first.
                second_factor::lock(tx, id).await?;
                if !held::hold(tx, session.id).await? {
                    return Ok(false);
                }
                // The names stay as they are, so that none is taken.
                let done = user::replace(tx, &after, &Renaming::default(), before.updated_at).await?.unwrap_or(false);
                audit_event::insert_if(tx, done, &updated).await
            })
            .await?;
        if done {
            tracing::info!(user = %id, "profile changed by its person");
            return Ok(ProfileChange::Saved(Box::new(after)));
        }
    }
    Err(AccountError::Contended { id }.into())
}
