//! A password that somebody is to sign in with: whether it may be, and its hash. Whatever sets one comes through here.

use std::time::Duration;

use super::breach_check;
use crate::app::App;
use crate::crypto::password::ImportedHash;
use crate::domain::account::error::AccountError;
use crate::domain::account::password_policy::{Person, Strength};
use crate::foundation::{SecretString, id::UserId};
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

/// New passwords of one account that are judged within [`WINDOW`]: judging one can take two seconds of a core.
const MOST_JUDGED: u64 = 20;
const WINDOW: Duration = Duration::from_secs(600);

/// Counts a new password that a person chooses for themselves, before it is judged; `Err` inside says how long they have to
/// wait, because they have had too many judged.
///
/// # Errors
/// When the counters do not answer.
pub async fn count(app: &App, whom: UserId) -> Result<Result<(), Duration>, ServiceError> {
    let hits = app.ephemeral.hit(&format!("password/judged/{whom}"), WINDOW, app.clock.now()).await?;
    Ok(if hits.count > MOST_JUDGED { Err(hits.resets_in) } else { Ok(()) })
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
    let strength = app.passwords.judge(move || policy.check(&judged, &own)).await?.map_err(AccountError::from)?;
    breach_check::check(app, &password).await.map_err(AccountError::from)?;
    let hash = app.passwords.hash(password, app.random.bytes()).await?;
    Ok(Accepted { hash, strength: Some(strength) })
}
