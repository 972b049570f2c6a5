//! A password that somebody is to sign in with: whether it may be, and its hash. Whatever sets one comes through here.

use super::breach_check;
use crate::app::App;
use crate::crypto::password::ImportedHash;
use crate::domain::account::error::AccountError;
use crate::domain::account::password_policy::{Person, Strength};
use crate::foundation::SecretString;
use crate::services::ServiceError;

/// What somebody is to sign in with.
#[derive(Debug)]
pub enum NewPassword {
    /// Chosen now, in clear.
    Chosen(SecretString),
    /// Chosen elsewhere: nothing is known of it but a hash.
    Imported(ImportedHash),
}

impl From<SecretString> for NewPassword {
    fn from(password: SecretString) -> Self {
        Self::Chosen(password)
    }
}

impl From<ImportedHash> for NewPassword {
    fn from(hash: ImportedHash) -> Self {
        Self::Imported(hash)
    }
}

/// A password that may be set.
pub struct Accepted {
    /// To be stored.
    pub hash: String,
    /// How strong it is; not known of an imported one.
    pub strength: Option<Strength>,
}

/// Checks a password that `person` is to have against the policy and the lists of stolen ones, and hashes it. An imported
/// hash is taken as it is: its password was chosen by another's rules.
///
/// # Errors
/// A refusal says what is wrong with the password. 503 when the queue is full.
pub async fn accept(app: &App, password: NewPassword, person: &Person<'_>) -> Result<Accepted, ServiceError> {
    let password = match password {
        NewPassword::Chosen(password) => password,
        NewPassword::Imported(hash) => return Ok(Accepted { hash: hash.as_str().to_owned(), strength: None }),
    };
    let (policy, judged) = (app.settings.password_policy.clone(), password.clone());
    let own = policy.words_of(person);
    let strength = app.passwords.compute(move || policy.check(&judged, &own)).await?.map_err(AccountError::from)?;
    breach_check::check(app, &password).await.map_err(AccountError::from)?;
    let hash = app.passwords.hash(password, app.random.bytes()).await?;
    Ok(Accepted { hash, strength: Some(strength) })
}
