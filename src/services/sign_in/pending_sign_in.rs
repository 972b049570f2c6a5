//! Half a sign-in, found again by the page that completes it.

use crate::app::App;
use crate::domain::account::user::{Status, User};
use crate::domain::sign_in::pending_sign_in::PendingSignIn;
use crate::foundation::SecretHash;
use crate::services::ServiceError;
use crate::storage::sign_in::pending_sign_in;

/// Half a sign-in that can be completed.
#[derive(Clone)]
pub struct HalfSignIn {
    /// The hash of its secret.
    pub secret: SecretHash,
    /// What was given.
    pub pending: PendingSignIn,
    /// By whom.
    pub user: User,
}

/// The one with this secret, if it is the browser's own answer to `flow`, in time, and nothing of the account has changed
/// since.
///
/// # Errors
/// When the database does not answer.
pub async fn find(
    app: &App,
    secret: SecretHash,
    flow: &SecretHash,
    browser: &SecretHash,
) -> Result<Option<HalfSignIn>, ServiceError> {
    let now = app.clock.now();
    let found = app.store.read("find_pending_sign_in", async |conn| pending_sign_in::find(conn, &secret).await).await?;
    Ok(found.and_then(|(pending, user)| {
        let same = user.status == Status::Active && user.updated_at == pending.user_seen_at;
        (same && pending.is_open(flow, browser, now)).then_some(HalfSignIn { secret, pending, user })
    }))
}
