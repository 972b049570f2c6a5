//! Somebody comes back from a provider.

use super::exchange::{self, Answered, Described};
use super::waiting::{self, Waiting, Wanted};
use crate::app::App;
use crate::domain::federation::freshness::Sent;
use crate::domain::federation::posted_name::PostedName;
use crate::domain::federation::provider::Provider;
use crate::domain::federation::refusal::{UpstreamRefusal, error_code};
use crate::domain::oauth::params::Params;
use crate::foundation::SecretHash;
use crate::services::ServiceError;
use crate::storage::federation::upstream_flow;

/// Somebody who came back.
pub struct Returned {
    /// What they went there for.
    pub wanted: Wanted,
    /// With what they went.
    pub sent: Sent,
    /// Who it is; or why they do not come in.
    pub described: Result<Described, UpstreamRefusal>,
}

/// Takes what waits for this answer, once, and asks the provider who it is. `None` when nothing waits for it in this browser
/// and from this provider: nothing was sent to the provider then. Strangers make us store nothing; each costs a delete by key.
///
/// # Errors
/// When the database does not answer: what waits is still there then.
pub async fn come_back(
    app: &App,
    provider: &Provider,
    params: &Params,
    browser: &SecretHash,
) -> Result<Option<Returned>, ServiceError> {
    let Some(state) = params.get("state") else { return Ok(None) };
    let (hash, now) = (waiting::hash_of(state), app.clock.now());
    let taken = app
        .store
        .transaction("return_from_provider", async |tx| {
            upstream_flow::take(tx, &hash, &provider.id, browser, now).await
        })
        .await?;
    let Some(sealed) = taken else { return Ok(None) };
    let Waiting { nonce, verifier, wanted, sent } = waiting::open(app, provider, &hash, &sealed)?;
    let described = match (params.get("error"), params.get("code")) {
        (Some(error), _) => Err(UpstreamRefusal::Denied { error: error_code(error) }),
        (None, None) => Err(UpstreamRefusal::NoCode),
        (None, Some(code)) => {
            let answered = Answered { code, issuer: params.get("iss"), nonce: &nonce, verifier: &verifier };
            let mut described = exchange::redeem(app, provider, answered).await;
            if let (true, Ok(described)) = (provider.posts_answer, &mut described) {
                PostedName::of_link(params).add_to(&mut described.claims);
            }
            described
        }
    };
    Ok(Some(Returned { wanted, sent, described }))
}
