//! Making accounts.

use super::ServiceError;
use crate::app::App;
use crate::domain::account::identifier::LoginIdentifier;
use crate::domain::account::password_policy;
use crate::domain::account::profile::Profile;
use crate::domain::account::user::{Status, User};
use crate::domain::oauth::error::{ErrorCode, Refusal};
use crate::foundation::{SecretString, id::UserId};
use crate::storage::{StoreError, user};

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
    /// The other standard claims.
    pub profile: Profile,
    /// `None`: they cannot sign in with a password yet.
    pub password: Option<SecretString>,
}

/// Makes an account.
///
/// # Errors
/// A refusal says which field cannot be taken and why.
pub async fn create(app: &App, new: NewUser) -> Result<User, ServiceError> {
    let now = app.clock.now();
    let username = new.username.as_deref().map(LoginIdentifier::username).transpose();
    let username = username.map_err(|why| refuse("The username cannot be used.").with("because it", why))?;
    let email = new.email.as_deref().map(LoginIdentifier::email).transpose();
    let email = email.map_err(|why| refuse("The e-mail address cannot be used.").with("because it is", why))?;
    let identifiers: Vec<_> = username.into_iter().chain(email).collect();
    if identifiers.is_empty() {
        return Err(refuse("A user needs a username or an e-mail address.").into());
    }
    let password_hash = match new.password {
        None => None,
        Some(password) => {
            let names: Vec<_> = identifiers.iter().map(LoginIdentifier::as_str).collect();
            password_policy::check(password.expose(), &names, app.settings.password_min_length)
                .map_err(|why| refuse("The password cannot be used.").with("because", why))?;
            Some(app.passwords.hash(password, app.random.bytes()).await?)
        }
    };
    let user = User {
        id: UserId::generate(&app.random, now),
        status: Status::Active,
        username: new.username.map(|name| name.trim().to_owned()),
        email: new.email.map(|email| email.trim().to_owned()),
        email_verified: new.email_verified,
        administrator: new.administrator,
        profile: new.profile,
        password_hash,
        created_at: now,
        updated_at: now,
    };
    match app.store.transaction(async |tx| user::insert(tx, &user, &identifiers).await).await {
        Ok(()) => {
            tracing::info!(user = %user.id, administrator = user.administrator, "user created");
            Ok(user)
        }
        Err(StoreError::Conflict) => Err(refuse("The username or e-mail address is taken.").into()),
        Err(other) => Err(other.into()),
    }
}

/// The account that one signs in to with this username or e-mail address.
///
/// # Errors
/// When the database does not answer.
pub async fn find(app: &App, name: &str) -> Result<Option<User>, ServiceError> {
    let Ok(identifier) = LoginIdentifier::typed(name) else {
        return Ok(None);
    };
    Ok(app.store.read(async |conn| user::find_by_identifier(conn, &identifier).await).await?)
}

fn refuse(description: &'static str) -> Refusal {
    Refusal::new(ErrorCode::InvalidRequest, description)
}
