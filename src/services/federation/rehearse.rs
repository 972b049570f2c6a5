//! What would become of somebody who came from a provider with certain claims: the decision, and nothing of what follows from it.

use serde_json::{Map, Value};

use super::sign_in::{connected, owner};
use crate::app::App;
use crate::domain::account::user::User;
use crate::domain::federation::arrival::Arrival;
use crate::domain::federation::link::{Decision, Situation, decide};
use crate::domain::federation::provider::{Protocol, Provider, UpstreamIssuer};
use crate::domain::federation::refusal::UpstreamRefusal;
use crate::services::ServiceError;

/// What would become of somebody.
pub struct Rehearsal {
    /// Who they are, as their claims are read.
    pub arrival: Arrival,
    /// The account that this identity is connected to.
    pub connected: Option<User>,
    /// The account that has their verified address; looked for where there is no other.
    pub owner: Option<User>,
    /// Whose account they would get.
    pub decision: Result<Decision, UpstreamRefusal>,
}

/// Decides it.
///
/// # Errors
/// A refusal where nothing says who they are; and when the database does not answer.
pub async fn rehearse(
    app: &App,
    provider: &Provider,
    claims: &Map<String, Value>,
) -> Result<Result<Rehearsal, UpstreamRefusal>, ServiceError> {
    let issuer = claims.get("iss").and_then(Value::as_str).unwrap_or_else(|| usual_issuer(provider));
    let arrival = match provider.claims.read(issuer, claims) {
        Ok(arrival) => arrival,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let connected = connected(app, provider, &arrival).await?.map(|(_, user)| user);
    let owner = match connected {
        Some(_) => None,
        None => owner(app, &arrival).await?,
    };
    let (arrived, known) = (&arrival, connected.as_ref());
    let situation = Situation { arrival: arrived, policy: &provider.policy, connected: known, owner: owner.as_ref() };
    let decision = decide(&situation);
    Ok(Ok(Rehearsal { arrival, connected, owner, decision }))
}

/// Who says so, where the claims do not tell.
fn usual_issuer(provider: &Provider) -> &str {
    match &provider.protocol {
        Protocol::OpenId { issuer: UpstreamIssuer::One(issuer) | UpstreamIssuer::Tenants { base: issuer, .. } } => {
            issuer
        }
        Protocol::OAuth { token, .. } => token,
    }
}
