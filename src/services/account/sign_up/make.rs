//! An account that somebody has made for themselves.

use serde_json::json;

use crate::app::App;
use crate::domain::account::error::AccountError;
use crate::domain::account::identifier::LoginIdentifier;
use crate::domain::account::profile::Profile;
use crate::domain::account::user::{Status, User};
use crate::foundation::Timestamp;
use crate::foundation::id::UserId;
use crate::services::account::{claimed, identifiers};

/// Somebody who has an account since a moment ago.
pub struct Newcomer {
    /// Who.
    pub user: User,
    /// When they typed their password: here, or where they asked for the account.
    pub proved_at: Timestamp,
    /// What they wanted the account for.
    pub flow: String,
}

/// What they chose.
pub(super) struct Chosen {
    pub(super) email: String,
    pub(super) username: Option<String>,
    pub(super) password_hash: String,
    pub(super) locale: Option<String>,
}

/// The account, and the names that it is found by. Its address is proven: whoever makes it has read the mail.
///
/// # Errors
/// None in practice: the names were checked before.
pub(super) fn account(app: &App, chosen: Chosen) -> Result<(User, Vec<LoginIdentifier>), AccountError> {
    let Chosen { email, username, password_hash, locale } = chosen;
    let (names, email) = (identifiers(username.as_deref(), Some(&email))?, claimed(&email));
    let now = app.clock.now();
    let profile = match locale {
        Some(locale) => Profile::default().with(json!({"locale": locale}), |_| false)?,
        None => Profile::default(),
    };
    let user = User {
        id: UserId::generate(&app.random, now),
        status: Status::Active,
        username,
        email: Some(email),
        email_verified: true,
        administrator: false,
        profile,
        password_hash: Some(password_hash),
        second_factor: false,
        delete_at: None,
        second_factor_from: None,
        created_at: now,
        updated_at: now,
    };
    Ok((user, names))
}
