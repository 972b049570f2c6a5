//! Sending somebody to a provider.

use std::net::IpAddr;
use std::time::Duration;

use super::authorization_url::{Asked, Wishes, authorization_url};
use super::waiting::{self, Waiting, Wanted};
use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::federation::freshness::Sent;
use crate::domain::federation::provider::Provider;
use crate::domain::federation::refusal::UpstreamRefusal;
use crate::domain::sign_in::place::{Place, places};
use crate::foundation::SecretHash;
use crate::services::ServiceError;
use crate::services::operation::brake;
use crate::storage::federation::upstream_flow::{self, UpstreamFlow};

/// How long somebody is waited for: signing in there may take a while, with a second factor.
const PATIENCE: Duration = Duration::from_secs(15 * 60);
/// Of one browser so many are waited for.
const MOST_OF_BROWSER: i64 = 5;
/// From one place so many are sent within [`WINDOW`].
const MOST_FROM_PLACE: u32 = 100;
const WINDOW: Duration = Duration::from_secs(600);

/// Who is to be sent, and what for.
pub struct Leaving<'a> {
    /// What they want there.
    pub wanted: Wanted,
    /// The hash of the secret of their browser.
    pub browser: SecretHash,
    /// Where from.
    pub address: IpAddr,
    /// What is wished of the sign-in there.
    pub wishes: Wishes<'a>,
}

/// What came of it.
#[derive(Debug)]
pub enum Begun {
    /// There they go.
    To(String),
    /// The provider is not to be had.
    Refused(UpstreamRefusal),
    /// Too many were sent from there: wait so long.
    Wait(Duration),
}

/// The URL to send somebody to. One browser can make us store five rows of up to some kilobytes, and one network a hundred in
/// ten minutes; they are gone after a quarter of an hour.
///
/// # Errors
/// When the database does not answer.
pub async fn begin(app: &App, by: &Actor, provider: &Provider, leaving: Leaving<'_>) -> Result<Begun, ServiceError> {
    let Leaving { wanted, browser, address, wishes } = leaving;
    let limit = |place: &Place| {
        app.ephemeral.limit(&format!("upstream/{place}"), u64::from(MOST_FROM_PLACE.saturating_mul(place.share)))
    };
    let limits: Vec<_> = places(address).iter().map(limit).collect();
    if let Some(wait) = brake::hit(app, by, &limits, WINDOW).await? {
        return Ok(Begun::Wait(wait));
    }
    let (state, nonce, verifier) = (waiting::random_text(app), waiting::random_text(app), waiting::random_text(app));
    let asked = Asked { state: &state, nonce: &nonce, verifier: &verifier, wishes };
    let url = match authorization_url(app, provider, asked).await {
        Ok(url) => url,
        Err(refusal) => return Ok(Begun::Refused(refusal)),
    };
    let (hash, now) = (waiting::hash_of(&state), app.clock.now());
    let sent = Sent { left_at: now, max_age: wishes.max_age };
    let waits = serde_json::to_vec(&Waiting { nonce, verifier, wanted, sent }).map_err(ServiceError::internal)?;
    let flow = UpstreamFlow {
        hash,
        provider: provider.id.clone(),
        browser_hash: browser,
        sealed: app.master.seal(&waiting::context(provider, &hash), &waits, &app.random)?,
        created_at: now,
        expires_at: now.after(PATIENCE),
    };
    app.store
        .transaction("send_to_provider", async |tx| upstream_flow::insert(tx, &flow, MOST_OF_BROWSER).await)
        .await?;
    Ok(Begun::To(url))
}
