//! What is remembered while somebody is at a provider.

use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::domain::federation::freshness::Sent;
use crate::domain::federation::provider::Provider;
use crate::foundation::{Secret, SecretHash};
use crate::services::ServiceError;

/// What somebody went to a provider for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Wanted {
    /// To sign in, for this flow.
    SignIn {
        /// The flow.
        flow: String,
        /// Whether the browser is to stay signed in.
        stays: bool,
    },
    /// To connect it to the account that is signed in.
    Connect {
        /// The account.
        user: String,
        /// The session, in which they have just proved who they are.
        session: String,
    },
}

/// What is remembered, sealed, under the state.
#[derive(Serialize, Deserialize)]
pub(super) struct Waiting {
    pub(super) nonce: String,
    pub(super) verifier: String,
    pub(super) wanted: Wanted,
    pub(super) sent: Sent,
}

/// What it is sealed to.
pub(super) fn context(provider: &Provider, hash: &SecretHash) -> String {
    let hash: String = hash.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("upstream_flow/{}/{hash}", provider.id)
}

/// The hash by which a state is found.
pub(super) fn hash_of(state: &str) -> SecretHash {
    SecretHash::of(&format!("upstream state/{state}"))
}

/// A text that nobody guesses: a state, a nonce, a verifier.
pub(super) fn random_text(app: &App) -> String {
    Secret::generate(&app.random).reveal()
}

/// Reads what was sealed.
pub(super) fn open(app: &App, provider: &Provider, hash: &SecretHash, sealed: &[u8]) -> Result<Waiting, ServiceError> {
    let opened = app.master.open(&context(provider, hash), sealed)?;
    serde_json::from_slice(&opened).map_err(ServiceError::internal)
}
