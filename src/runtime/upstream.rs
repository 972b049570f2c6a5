//! What a process knows of upstream providers: their metadata and keys, and whether they are to be had. All of it can be fetched
//! again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use openidconnect::core::{CoreJsonWebKeySet, CoreProviderMetadata};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::domain::federation::provider::UpstreamIssuer;
use crate::foundation::Timestamp;
use crate::outbound::{Method, Outbound, Request, StatusCode};

/// For how long metadata and keys are believed.
const LIFE: Duration = Duration::from_secs(3600);
/// Keys are fetched again for a key that is not known so often at most.
const REFETCH: Duration = Duration::from_secs(30);
/// A person waits for it.
const PATIENCE: Duration = Duration::from_secs(3);
/// Metadata and key sets are some kilobytes.
const LIMIT: usize = 256 * 1024;
/// After so many failures in a row a provider counts as down,
const FAILURES: u32 = 2;
/// for so long: then somebody tries it again.
const DOWN: Duration = Duration::from_secs(20);

/// Every provider that was spoken to.
#[derive(Default)]
pub struct Upstreams(Mutex<HashMap<String, Arc<Upstream>>>);

/// Of one provider so many sign-ins are waited for at one time: one that hangs leaves most of the turns of the outbound client
/// to all others.
const TURNS: usize = 8;

/// One provider.
pub struct Upstream {
    /// Held while it is fetched, so that fifty who come at once fetch once.
    held: tokio::sync::Mutex<Held>,
    circuit: Mutex<Circuit>,
    turns: Semaphore,
    /// When it was last asked because of somebody who has proved nothing, and whether it has answered.
    for_nobody: Mutex<Option<(Timestamp, bool)>>,
}

impl Default for Upstream {
    fn default() -> Self {
        Self {
            held: tokio::sync::Mutex::default(),
            circuit: Mutex::default(),
            turns: Semaphore::new(TURNS),
            for_nobody: Mutex::default(),
        }
    }
}

/// Whether a provider is asked because of somebody who has proved nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asking {
    /// It is, by whoever is told so.
    Now,
    /// It was a moment ago, and has answered.
    Answered,
    /// It was a moment ago, and has not answered, or not yet.
    Unanswered,
}

#[derive(Default)]
struct Held {
    metadata: Option<(Arc<Metadata>, Timestamp)>,
    keys: Option<(Arc<CoreJsonWebKeySet>, Timestamp)>,
}

/// What of a provider's metadata counts (OpenID Connect Discovery §3).
#[derive(Clone, Debug)]
pub struct Metadata {
    /// Its issuer, with a place for the tenant if it has several.
    pub issuer: String,
    /// Where people are sent.
    pub authorization: String,
    /// Where codes are redeemed.
    pub token: String,
    /// Where it says more about somebody.
    pub userinfo: Option<String>,
    /// Where its keys are.
    pub jwks: String,
    /// Whether its answers name the issuer (RFC 9207 §3).
    pub answers_issuer: bool,
    /// Whether it takes a secret in the `Authorization` header.
    pub takes_basic: bool,
    /// Whether it lets people choose an account (`prompt=select_account`; Initiating User Registration via OpenID Connect 1.0 §5
    /// has the member that says so).
    pub lets_choose: bool,
}

/// Whether a provider is to be had. It costs others nothing while it is not: nobody waits for it in vain again and again.
#[derive(Default)]
struct Circuit {
    failures: u32,
    until: Option<Timestamp>,
}

impl Upstreams {
    /// What is known of the provider of this name.
    pub fn of(&self, provider: &str) -> Arc<Upstream> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(all.entry(provider.to_owned()).or_default())
    }
}

impl Upstream {
    /// Waits until it may be asked on behalf of one more person; holding the permit is the turn. Whoever waits sets the limit.
    pub async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        // An error would mean that the semaphore was closed, and nothing closes it.
        self.turns.acquire().await.ok()
    }

    /// Whether it has failed so often lately that it is not asked now.
    pub fn is_down(&self, now: Timestamp) -> bool {
        let circuit = self.circuit.lock().unwrap_or_else(PoisonError::into_inner);
        circuit.until.is_some_and(|until| now < until)
    }

    /// Notes that it did not answer, or with what cannot be read; tells whether it counts as down since now.
    pub fn failed(&self, now: Timestamp) -> bool {
        let mut circuit = self.circuit.lock().unwrap_or_else(PoisonError::into_inner);
        circuit.failures = circuit.failures.saturating_add(1);
        if circuit.failures < FAILURES {
            return false;
        }
        circuit.until = Some(now.after(DOWN));
        circuit.failures == FAILURES
    }

    /// Notes that it answered; tells whether it counted as down.
    pub fn answered(&self) -> bool {
        let mut circuit = self.circuit.lock().unwrap_or_else(PoisonError::into_inner);
        let was_down = circuit.failures >= FAILURES;
        *circuit = Circuit::default();
        was_down
    }

    /// Whether to ask it because of somebody who has proved nothing: once in half a minute, whatever they send and however many
    /// they are.
    pub fn ask_for_nobody(&self, now: Timestamp) -> Asking {
        let mut asked = self.for_nobody.lock().unwrap_or_else(PoisonError::into_inner);
        match *asked {
            Some((at, true)) if now.since(at) < REFETCH => Asking::Answered,
            Some((at, false)) if now.since(at) < REFETCH => Asking::Unanswered,
            _ => {
                *asked = Some((now, false));
                Asking::Now
            }
        }
    }

    /// Notes that it has answered.
    pub fn answered_nobody(&self) {
        let mut asked = self.for_nobody.lock().unwrap_or_else(PoisonError::into_inner);
        *asked = asked.map(|(at, _)| (at, true));
    }

    /// Its metadata and keys, as far as they are known and believed; it is not asked.
    pub async fn known(&self, now: Timestamp) -> Option<(Arc<Metadata>, Arc<CoreJsonWebKeySet>)> {
        let held = self.held.lock().await;
        let (metadata, _) = held.metadata.as_ref()?;
        let (keys, at) = held.keys.as_ref()?;
        (now.since(*at) < LIFE).then(|| (Arc::clone(metadata), Arc::clone(keys)))
    }

    /// Its metadata.
    ///
    /// # Errors
    /// When they cannot be had, or are another provider's.
    pub async fn metadata(
        &self,
        outbound: &Outbound,
        issuer: &UpstreamIssuer,
        now: Timestamp,
    ) -> Result<Arc<Metadata>, String> {
        let mut held = self.held.lock().await;
        if let Some((metadata, at)) = &held.metadata
            && now.since(*at) < LIFE
        {
            return Ok(Arc::clone(metadata));
        }
        let url = issuer.metadata_url();
        let fetched = fetch(outbound, &url).await.and_then(|value| Metadata::read(value, issuer));
        match (fetched, &held.metadata) {
            (Ok(metadata), _) => {
                let metadata = Arc::new(metadata);
                held.metadata = Some((Arc::clone(&metadata), now));
                Ok(metadata)
            }
            // What was true an hour ago is more likely true than not.
            (Err(_), Some((metadata, _))) => Ok(Arc::clone(metadata)),
            (Err(error), None) => Err(error),
        }
    }

    /// Its keys. `unknown` when a token names one that was not among them: then they are fetched again, unless that was done a
    /// moment ago.
    ///
    /// # Errors
    /// When they cannot be had.
    pub async fn keys(
        &self,
        outbound: &Outbound,
        url: &str,
        unknown: bool,
        now: Timestamp,
    ) -> Result<Arc<CoreJsonWebKeySet>, String> {
        let mut held = self.held.lock().await;
        if let Some((keys, at)) = &held.keys {
            let age = now.since(*at);
            if (!unknown && age < LIFE) || (unknown && age < REFETCH) {
                return Ok(Arc::clone(keys));
            }
        }
        let fetched = fetch(outbound, url).await.and_then(|value| read(value, url));
        match (fetched, &held.keys) {
            (Ok(keys), _) => {
                let keys: Arc<CoreJsonWebKeySet> = Arc::new(keys);
                held.keys = Some((Arc::clone(&keys), now));
                Ok(keys)
            }
            (Err(_), Some((keys, _))) if !unknown => Ok(Arc::clone(keys)),
            (Err(error), _) => Err(error),
        }
    }
}

impl Metadata {
    /// Reads a document that was fetched for this issuer.
    ///
    /// # Errors
    /// When it lacks something that is needed, or names another issuer.
    pub fn read(value: Value, issuer: &UpstreamIssuer) -> Result<Self, String> {
        let url = issuer.metadata_url();
        let flag = value.get("authorization_response_iss_parameter_supported").and_then(Value::as_bool);
        let parsed: CoreProviderMetadata = read(value.clone(), &url)?;
        if !issuer.is_named(parsed.issuer().as_str()) {
            return Err(format!("{url} names another issuer than it was asked for"));
        }
        let token = parsed.token_endpoint().ok_or_else(|| format!("{url} names no token endpoint"))?;
        let listed = |name: &str| value.get(name).and_then(Value::as_array);
        let methods = listed("token_endpoint_auth_methods_supported");
        let has = |list: &Vec<Value>, word: &str| list.iter().any(|one| one.as_str() == Some(word));
        Ok(Self {
            issuer: parsed.issuer().to_string(),
            authorization: parsed.authorization_endpoint().to_string(),
            token: token.to_string(),
            userinfo: parsed.userinfo_endpoint().map(ToString::to_string),
            jwks: parsed.jwks_uri().to_string(),
            answers_issuer: flag == Some(true),
            takes_basic: methods.is_none_or(|methods| has(methods, "client_secret_basic")),
            lets_choose: listed("prompt_values_supported").is_some_and(|prompts| has(prompts, "select_account")),
        })
    }
}

async fn fetch(outbound: &Outbound, url: &str) -> Result<Value, String> {
    let request = Request::new(Method::GET, url).within(PATIENCE).at_most(LIMIT);
    let answer = outbound.request(request).await.map_err(|error| error.to_string())?;
    match answer.status {
        StatusCode::OK => {
            serde_json::from_slice(&answer.body).map_err(|error| format!("{url} is no JSON that can be read: {error}"))
        }
        other => Err(format!("{url} answered {}", other.as_u16())),
    }
}

fn read<T: DeserializeOwned>(value: Value, url: &str) -> Result<T, String> {
    serde_json::from_value(value).map_err(|error| format!("{url} cannot be read: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_is_down_after_failures_in_a_row_and_is_tried_again_later() {
        let (upstream, now) = (Upstream::default(), Timestamp::from_secs(1_000));
        assert!(!upstream.failed(now) && !upstream.is_down(now), "once is nothing");
        assert!(upstream.failed(now), "that is told once");
        assert!(upstream.is_down(now) && !upstream.is_down(now.after(DOWN)));
        assert!(!upstream.failed(now.after(DOWN)) && upstream.is_down(now.after(DOWN)), "the next who tries finds out");
        assert!(upstream.answered() && !upstream.is_down(now.after(DOWN)));
        assert!(!upstream.answered());
    }

    #[test]
    fn strangers_have_it_asked_once_in_half_a_minute() {
        let (upstream, now) = (Upstream::default(), Timestamp::from_secs(1_000));
        assert_eq!(upstream.ask_for_nobody(now), Asking::Now);
        assert_eq!(upstream.ask_for_nobody(now), Asking::Unanswered, "not yet");
        upstream.answered_nobody();
        assert_eq!(upstream.ask_for_nobody(now.after(REFETCH).before(Duration::from_secs(1))), Asking::Answered);
        assert_eq!(upstream.ask_for_nobody(now.after(REFETCH)), Asking::Now);
        assert_eq!(upstream.ask_for_nobody(now.after(REFETCH)), Asking::Unanswered);
    }
}
