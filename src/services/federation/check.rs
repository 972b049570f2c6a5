//! Whether a provider is set up as it should be, step by step: for the operator who has just done that, or who wonders why nobody
//! comes back from it.

use std::time::Duration;

use chrono::DateTime;
use openidconnect::JsonWebKey;

use super::authorization_url::{self, Asked, Wishes};
use super::exchange::{self, Answered};
use crate::app::App;
use crate::domain::federation::freshness::LEEWAY;
use crate::domain::federation::provider::{Protocol, Provider, UpstreamIssuer};
use crate::domain::federation::refusal::UpstreamRefusal;
use crate::foundation::Timestamp;
use crate::outbound::{Answer, Method, Request, header};

/// A step, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its name in a word or two.
    pub name: &'static str,
    /// What was found; or what is wrong, and what mends it.
    pub found: Result<String, String>,
}

/// For each call.
const PATIENCE: Duration = Duration::from_secs(8);
/// What an answer may have, in bytes.
const LIMIT: usize = 256 * 1024;

/// Asks the provider what a sign-in would ask it, but for a person: its metadata, its keys, and whether it knows us, by a code
/// that nobody was given. Nothing is stored. A step that cannot be taken because one before it failed is left out.
pub async fn check(app: &App, provider: &Provider) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut step = |name, found: Result<String, String>| {
        let goes_on = found.is_ok();
        steps.push(Step { name, found });
        goes_on
    };
    step("redirect URI", Ok(provider.redirect_uri(&app.issuer)));
    let mut issuer = None;
    if let Protocol::OpenId { issuer: whose } = &provider.protocol {
        let upstream = app.upstreams.of(&provider.id);
        let metadata = upstream.metadata(&app.outbound, whose, app.clock.now()).await;
        if !step("metadata", metadata.as_ref().map(|known| format!("of {}", known.issuer)).map_err(Clone::clone)) {
            return steps;
        }
        if let Ok(metadata) = metadata {
            let keys = upstream.keys(&app.outbound, &metadata.jwks, false, app.clock.now()).await;
            let named = |url: &str, number| match number {
                0 => Err(format!("{url} has no key with a name (kid)")),
                1 => Ok("1 key".to_owned()),
                many => Ok(format!("{many} keys")),
            };
            let number = keys.map(|keys| keys.keys().iter().filter(|key| key.key_id().is_some()).count());
            step("keys", number.and_then(|number| named(&metadata.jwks, number)));
            issuer = Some(metadata.issuer.clone());
        }
        if let Some(found) = clock(app, whose).await {
            step("clock", found);
        }
    }
    // Whoever knows us says that the code is wrong; whoever does not, that we are.
    let no_code = Answered {
        code: "latchkey-providers-test",
        issuer: issuer.as_deref(),
        nonce: "latchkey-providers-test",
        verifier: "latchkey-providers-test-latchkey-providers-test",
    };
    let answered = exchange::redeem(app, provider, no_code).await;
    step("client", known(&answered.map(drop)));
    steps
}

/// What an answer to a code that nobody was given says of us.
fn known(answered: &Result<(), UpstreamRefusal>) -> Result<String, String> {
    let error = match answered {
        Ok(()) => return Err("the provider took a code that nobody was given".to_owned()),
        Err(UpstreamRefusal::Code { error }) => error,
        Err(other) => return Err(other.to_string()),
    };
    match error.as_str() {
        // GitHub has words of its own.
        "invalid_grant" | "bad_verification_code" => Ok("known there: it refuses the code alone".to_owned()),
        "invalid_client" | "unauthorized_client" | "incorrect_client_credentials" => {
            Err(format!("refused there ({error}): compare client_id and client_secret with those at the provider"))
        }
        "redirect_uri_mismatch" => {
            Err(format!("the redirect URI is not registered there ({error}): register the one above"))
        }
        _ => Err(format!("refused there, with {error}")),
    }
}

/// How far its clock is from ours, where it says what it has: ID tokens have times.
async fn clock(app: &App, issuer: &UpstreamIssuer) -> Option<Result<String, String>> {
    let request = Request::new(Method::GET, issuer.metadata_url()).within(PATIENCE).at_most(LIMIT);
    let answer = app.outbound.request(request).await.ok()?;
    apart(&answer, app.clock.now())
}

fn apart(answer: &Answer, now: Timestamp) -> Option<Result<String, String>> {
    let said = DateTime::parse_from_rfc2822(answer.headers.get(header::DATE)?.to_str().ok()?).ok()?.timestamp();
    let apart = now.as_secs().abs_diff(said);
    Some(match apart <= LEEWAY.as_secs() {
        true => Ok(format!("{apart} s apart")),
        false => Err(format!("{apart} s apart: ID tokens are refused at more than {}", LEEWAY.as_secs())),
    })
}

/// Where a sign-in would send people, with the values of one that nobody began.
///
/// # Errors
/// When the metadata cannot be had.
pub async fn authorization_url(app: &App, provider: &Provider) -> Result<String, String> {
    let asked = Asked { state: "STATE", nonce: "NONCE", verifier: "VERIFIER", wishes: Wishes::default() };
    authorization_url::authorization_url(app, provider, asked).await.map_err(|refusal| refusal.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_provider_says_of_a_code_that_nobody_was_given_tells_whether_it_knows_us() {
        let of = |error: &str| known(&Err(UpstreamRefusal::Code { error: error.to_owned() }));
        for good in ["invalid_grant", "bad_verification_code"] {
            assert!(of(good).is_ok(), "{good}");
        }
        for bad in ["invalid_client", "incorrect_client_credentials"] {
            assert!(of(bad).unwrap_err().contains("client_secret"), "{bad}");
        }
        assert!(of("redirect_uri_mismatch").unwrap_err().contains("redirect URI"));
        assert!(of("invalid_scope").unwrap_err().contains("invalid_scope"));
        assert!(known(&Ok(())).is_err());
        assert!(known(&Err(UpstreamRefusal::Down("no route".into()))).unwrap_err().contains("no route"));
    }
}
