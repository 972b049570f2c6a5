//! Making an account.

use super::new_password::{self, NewPassword};
use super::{claimed, fit_to_be_new, identifiers};
use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::ManageUsers;
use crate::domain::account::error::AccountError;
use crate::domain::account::password_policy::Person;
use crate::domain::account::profile::Profile;
use crate::domain::account::user::{Status, User};
use crate::domain::operation::audit_event::{Action, Change, Target};
use crate::foundation::id::UserId;
use crate::services::ServiceError;
use crate::services::operation::events::event;
use crate::storage::account::user;
use crate::storage::operation::audit_event;

/// A person to be given an account.
pub struct NewUser {
    /// To sign in with; at least this or an e-mail address.
    pub username: Option<String>,
    /// To sign in with.
    pub email: Option<String>,
    /// Whether the address is known to be theirs.
    pub email_verified: bool,
    /// Whether they administer this server.
    pub administrator: bool,
    /// The other claims.
    pub profile: Profile,
    /// `None`: they cannot sign in with a password yet.
    pub password: Option<NewPassword>,
}

/// Makes an account.
///
/// # Errors
/// A refusal says which field cannot be taken and why.
pub async fn create(app: &App, by: &Actor, new: NewUser) -> Result<User, ServiceError> {
    let may = by.may(ManageUsers)?;
    let now = app.clock.now();
    let identifiers = identifiers(new.username.as_deref(), new.email.as_deref())?;
    fit_to_be_new(new.username.as_deref())?;
    let person = Person { username: new.username.as_deref(), email: new.email.as_deref(), profile: &new.profile };
    let password_hash = match new.password {
        None => None,
        Some(password) => Some(new_password::accept(app, password, &person).await?.hash),
    };
    let user = User {
        id: UserId::generate(&app.random, now),
        status: Status::Active,
        username: new.username.map(|name| name.trim().to_owned()),
        email: new.email.as_deref().map(claimed),
        email_verified: new.email_verified,
        administrator: new.administrator,
        profile: new.profile,
        password_hash,
        second_factor: false,
        delete_at: None,
        second_factor_from: None,
        created_at: now,
        updated_at: now,
    };
    let created = event(app, &may, Action::UserCreated).about(Target::user(user.id));
    let created = created.changed(Change::of_user(None, &user));
    let stored = app
        .store
        .transaction("create_account", async |tx| {
            let stored = user::insert(tx, &user, &identifiers).await?;
            audit_event::insert_if(tx, stored.is_ok(), &created).await?;
            Ok(stored)
        })
        .await?;
    stored.map_err(|taken| AccountError::Taken { names: taken.0 })?;
    tracing::info!(user = %user.id, administrator = user.administrator, "user created");
    Ok(user)
}
