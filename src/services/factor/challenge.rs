//! Challenges of passkeys. A page carries its challenge, sealed: nothing is stored for whoever opens a page, and whoever
//! changes it, or takes it to another page, browser or person, has none.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::app::App;
use crate::crypto::passkey::Begun;
use crate::domain::factor::passkey::{ANSWER_WITHIN, Purpose};
use crate::foundation::{SecretHash, Timestamp};
use crate::services::ServiceError;
use crate::storage::factor::passkey;
use crate::storage::{Conn, StoreError};

/// The longest that is opened: one holds the public keys of a person's passkeys, of whom there are ten at most.
const LONGEST: usize = 32 * 1024;

/// A challenge, as a page has it.
#[derive(Clone, Debug)]
pub struct Challenge {
    /// What the page's script gives to the browser, as JSON.
    pub options: String,
    /// What comes back with the answer.
    pub sealed: String,
}

/// A challenge that came back in time, for what it was made for.
pub struct Opened {
    /// What the answer is compared with.
    pub state: Vec<u8>,
    /// How it is marked as answered.
    pub used: Used,
}

/// A challenge that is about to be used up.
#[derive(Clone, Copy, Debug)]
pub struct Used {
    hash: SecretHash,
    until: Timestamp,
}

impl Used {
    /// Uses it up, in the transaction of what its answer proves; `false` when it was before.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn take(&self, tx: &mut Conn) -> Result<bool, StoreError> {
        passkey::use_challenge(tx, &self.hash, self.until).await
    }
}

/// Seals what has begun, for this purpose.
///
/// # Errors
/// None in practice.
pub fn seal(app: &App, purpose: &Purpose, begun: Begun) -> Result<Challenge, ServiceError> {
    let until = app.clock.now().after(ANSWER_WITHIN);
    let text = [until.as_micros().to_be_bytes().as_slice(), &begun.state].concat();
    let sealed = app.master.seal(&purpose.context(), &text, &app.random)?;
    Ok(Challenge { options: begun.options, sealed: URL_SAFE_NO_PAD.encode(sealed) })
}

/// Opens what came back; `None` for what was not sealed for this purpose, or too long ago.
pub fn open(app: &App, purpose: &Purpose, sealed: &str) -> Option<Opened> {
    let bytes = URL_SAFE_NO_PAD.decode(Some(sealed).filter(|sealed| sealed.len() <= LONGEST)?).ok()?;
    let text = app.master.open(&purpose.context(), &bytes).ok()?;
    let (until, state) = text.split_first_chunk::<8>()?;
    let until = Timestamp::from_micros(i64::from_be_bytes(*until));
    let used = Used { hash: SecretHash::of(sealed), until };
    (app.clock.now() < until).then(|| Opened { state: state.to_vec(), used })
}
