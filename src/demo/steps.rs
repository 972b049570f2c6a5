//! The steps of the tour. Each does something at the provider and leaves a card that shows it.

use openidconnect::{Nonce, OAuth2TokenResponse};
use serde_json::{Map, Value};

use super::claims::{self, Jwt};
use super::exchange::Exchange;
use super::provider::{Failure, Provider};
use super::recorder::Recorder;
use super::session::{Pending, SignedIn};
use super::settings::DemoSettings;
use super::state::Demo;
use super::step::{Check, Step};
use super::verify;

/// Prepares a sign-in.
///
/// # Errors
/// A card that tells why not.
pub async fn begin(demo: &Demo) -> Result<Pending, Box<Step>> {
    let recorder = Recorder::new(&demo.http);
    let begun = match Provider::discover(&demo.settings, &recorder).await {
        Ok(provider) => provider.begin(),
        Err(failure) => Err(failure),
    };
    let exchanges = recorder.take();
    match begun {
        Ok(pending) => Ok(Pending { discovery: exchanges, ..pending }),
        Err(failure) => Err(Box::new(discovery(exchanges).failed(&failure))),
    }
}

fn discovery(exchanges: Vec<Exchange>) -> Step {
    let summary = "From the issuer alone the app learned every endpoint, and the keys to verify tokens with.";
    Step::new("discovery", "Find the provider", summary).with(exchanges)
}

/// Finishes a sign-in with the code that came back. What was done before a failure is shown too.
pub async fn finish(demo: &Demo, pending: Pending, code: &str, returned: &str) -> (Vec<Step>, Option<SignedIn>) {
    let mut authorize = Step::new(
        "authorize",
        "Send the browser to sign in",
        "The app asked for a code, bound to this browser by state and nonce and to this app by a PKCE challenge. \
         The person signed in at the provider; the app never saw the password.",
    );
    authorize.checks = vec![
        Check("state is the one this browser was given".to_owned()),
        Check(format!("iss is {} (RFC 9207), so no other provider answered", demo.settings.issuer)),
    ];
    let note = "Where it was sent, where it came back";
    authorize.exchanges = vec![Exchange::through_the_browser(note, &pending.url, returned)];
    let mut steps = vec![discovery(pending.discovery.clone()), authorize];
    let signed_in = exchange(demo, &pending, code, &mut steps).await;
    (steps, signed_in)
}

async fn exchange(demo: &Demo, pending: &Pending, code: &str, steps: &mut Vec<Step>) -> Option<SignedIn> {
    let recorder = Recorder::new(&demo.http);
    let summary = "The code works once, within a minute, and only together with the PKCE verifier.";
    let token = Step::new("token", "Exchange the code for tokens", summary);
    let provider = match Provider::discover(&demo.settings, &recorder).await {
        Ok(provider) => provider,
        Err(failure) => {
            steps.push(token.with(recorder.take()).failed(&failure));
            return None;
        }
    };
    recorder.take(); // the same discovery as in the first card
    let answer = provider.redeem(code.to_owned(), pending.verifier.clone(), &recorder).await;
    let token = token.with(recorder.take());
    let answer = match answer {
        Ok(answer) => answer,
        Err(failure) => {
            steps.push(token.failed(&failure));
            return None;
        }
    };
    steps.push(token);

    let mut id = Step::new("id-token", "Read the ID token", "It says who signed in, when, how, and for which app.");
    id.element = Some("demo-claims");
    let nonce = Nonce::new(pending.nonce.clone());
    let (id_token, subject, checks) = match verify::id_token(&provider.app(), &answer, Some(&nonce), &demo.settings) {
        Ok(verified) => verified,
        Err(failure) => {
            steps.push(id.failed(&failure));
            return None;
        }
    };
    id.jwt = Jwt::read(&id_token);
    id.checks = checks;
    steps.push(id);

    let access_token = answer.access_token().secret().clone();
    let (step, claims) = userinfo(&provider, &access_token, &subject, &recorder).await;
    steps.push(step);
    let claim = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
    Some(SignedIn {
        name: claim("name").or_else(|| claim("preferred_username")).unwrap_or_else(|| subject.clone()),
        email: claim("email"),
        subject,
        access_token,
        refresh_token: answer.refresh_token().map(|token| token.secret().clone()),
        id_token,
        machine_token: None,
    })
}

async fn userinfo(
    provider: &Provider<'_>,
    token: &str,
    subject: &str,
    recorder: &Recorder<'_>,
) -> (Step, Map<String, Value>) {
    let summary = "With the access token the app may ask for what the person agreed to share.";
    let mut step = Step::new("userinfo", "Ask who they are", summary);
    step.element = Some("demo-userinfo");
    let answer = provider.userinfo(token, subject, recorder).await;
    let claims: Map<String, Value> = serde_json::from_slice(&recorder.last_body()).unwrap_or_default();
    step.exchanges = recorder.take();
    match answer {
        Ok(_) => {
            step.checks = vec![Check("sub is that of the ID token".to_owned())];
            step.rows = claims::rows(&claims);
            (step, claims)
        }
        Err(failure) => (step.failed(&failure), Map::new()),
    }
}

/// Where to send the browser to sign out at the provider; `None` when that cannot be found out.
pub async fn logout_url(demo: &Demo, id_token: &str, state: &str) -> Option<url::Url> {
    let provider = Provider::discover(&demo.settings, &Recorder::new(&demo.http)).await.ok()?;
    provider.logout_url(id_token, state)
}

/// A button of the tour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// New tokens for the refresh token.
    Refresh,
    /// A token for the machine client.
    MachineToken,
    /// Whether the machine's token is valid.
    Introspect,
    /// Verify the access token with the JWKS.
    Verify,
    /// Revoke the person's tokens.
    Revoke,
}

impl Action {
    /// The action with this name in its URL.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "refresh" => Self::Refresh,
            "machine-token" => Self::MachineToken,
            "introspect" => Self::Introspect,
            "verify" => Self::Verify,
            "revoke" => Self::Revoke,
            _ => return None,
        })
    }

    /// The card of this action before anything was done.
    fn card(self) -> Step {
        let (name, title, summary) = match self {
            Self::Refresh => (
                "refresh",
                "Refresh",
                "A refresh token is exchanged for new tokens and is replaced itself; whoever presents the old one \
                 later ends the whole grant.",
            ),
            Self::MachineToken => (
                "machine-token",
                "Get a machine token",
                "A service authenticates as itself and gets a token for itself: no person, no browser.",
            ),
            Self::Introspect => (
                "introspect",
                "Introspect the machine token",
                "A service that was given a token asks the provider whether it is valid now.",
            ),
            Self::Verify => (
                "verify",
                "Verify the access token",
                "A service that has the published keys checks a token by itself, without asking anyone.",
            ),
            Self::Revoke => (
                "revoke",
                "Revoke the tokens",
                "The app gives its tokens back. From then on nobody can use them, as the questions after it show.",
            ),
        };
        Step::new(name, title, summary)
    }
}

/// Does one action of someone who is signed in: a card, and the tokens that hold from now on.
pub async fn act(demo: &Demo, action: Action, mut who: SignedIn) -> (Step, SignedIn) {
    let recorder = Recorder::new(&demo.http);
    let mut step = action.card();
    let done = match Provider::discover(&demo.settings, &recorder).await {
        Ok(provider) => {
            if action != Action::Verify {
                recorder.take(); // shown in the first card already; for a verification the keys are the point
            }
            match action {
                Action::Refresh => refresh(&demo.settings, &provider, &mut who, &recorder, &mut step).await,
                Action::MachineToken => machine_token(&provider, &mut who, &recorder, &mut step).await,
                Action::Introspect => introspect(&demo.settings, &provider, &mut who, &recorder, &mut step).await,
                Action::Verify => verify_access_token(&demo.settings, &provider, &who, &mut step),
                Action::Revoke => revoke(&demo.settings, &provider, &who, &recorder, &mut step).await,
            }
        }
        Err(failure) => Err(failure),
    };
    step.exchanges = recorder.take();
    if let Err(failure) = done {
        step.failure = Some(failure.to_string());
    }
    (step, who)
}

async fn refresh(
    settings: &DemoSettings,
    provider: &Provider<'_>,
    who: &mut SignedIn,
    recorder: &Recorder<'_>,
    step: &mut Step,
) -> Result<(), Failure> {
    let token = who.refresh_token.as_ref().ok_or_else(|| {
        Failure::new("There is no refresh token: the app must ask for offline_access and the person must allow it.")
    })?;
    let answer = provider.refresh(token, recorder).await?;
    step.checks.push(Check("There is a new access token".to_owned()));
    if let Some(next) = answer.refresh_token() {
        if next.secret() != token {
            step.checks.push(Check("The refresh token was replaced".to_owned()));
        }
        who.refresh_token = Some(next.secret().clone());
    }
    who.access_token = answer.access_token().secret().clone();
    step.jwt = Jwt::read(&who.access_token);
    if answer.extra_fields().id_token().is_some() {
        let (id_token, subject, _) = verify::id_token(&provider.app(), &answer, None, settings)?;
        if subject != who.subject {
            return Err(Failure::new("the new ID token is about someone else"));
        }
        step.checks.push(Check("The new ID token is about the same person".to_owned()));
        who.id_token = id_token;
    }
    Ok(())
}

async fn machine_token(
    provider: &Provider<'_>,
    who: &mut SignedIn,
    recorder: &Recorder<'_>,
    step: &mut Step,
) -> Result<(), Failure> {
    let answer = provider.machine_token(recorder).await?;
    let token = answer.access_token().secret();
    step.jwt = Jwt::read(token);
    who.machine_token = Some(token.clone());
    Ok(())
}

async fn introspect(
    settings: &DemoSettings,
    provider: &Provider<'_>,
    who: &mut SignedIn,
    recorder: &Recorder<'_>,
    step: &mut Step,
) -> Result<(), Failure> {
    let token = match &who.machine_token {
        Some(token) => token.clone(),
        None => {
            recorder.note("A machine token first");
            let token = provider.machine_token(recorder).await?.access_token().secret().clone();
            who.machine_token.insert(token).clone()
        }
    };
    recorder.note("Is it valid?");
    let answer = provider.introspect(&token, &settings.machine, recorder).await?;
    if !answer.status().is_success() {
        return Err(Failure(format!("the provider answers {}", answer.status())));
    }
    let claims: Map<String, Value> = serde_json::from_slice(answer.body()).map_err(Failure::new)?;
    step.rows = claims::rows(&claims);
    Ok(())
}

fn verify_access_token(
    settings: &DemoSettings,
    provider: &Provider<'_>,
    who: &SignedIn,
    step: &mut Step,
) -> Result<(), Failure> {
    step.jwt = Jwt::read(&who.access_token);
    if step.jwt.is_none() {
        return Err(Failure::new("This access token is opaque: a service must introspect it."));
    }
    step.checks = verify::access_token(provider, &who.access_token, settings)?;
    Ok(())
}

async fn revoke(
    settings: &DemoSettings,
    provider: &Provider<'_>,
    who: &SignedIn,
    recorder: &Recorder<'_>,
    step: &mut Step,
) -> Result<(), Failure> {
    recorder.note("Revoke the access token");
    let revoked = provider.revoke(&who.access_token, "access_token", recorder).await?;
    if !revoked.status().is_success() {
        return Err(Failure(format!("the provider answers {}", revoked.status())));
    }
    recorder.note("Userinfo refuses it");
    let refused = provider.userinfo(&who.access_token, &who.subject, recorder).await.is_err();
    expect(step, refused, "Userinfo refuses the access token", "userinfo still accepts the access token")?;
    recorder.note("Introspection calls it inactive");
    let answer = provider.introspect(&who.access_token, &settings.app, recorder).await?;
    let claims: Map<String, Value> = serde_json::from_slice(answer.body()).unwrap_or_default();
    let inactive = claims.get("active") == Some(&Value::Bool(false));
    expect(step, inactive, "Introspection calls it inactive", "introspection does not call it inactive")?;
    if let Some(token) = &who.refresh_token {
        recorder.note("Revoke the refresh token");
        provider.revoke(token, "refresh_token", recorder).await?;
        recorder.note("A refresh is refused");
        let refused = provider.refresh(token, recorder).await.is_err();
        expect(step, refused, "The refresh token gets nothing any more", "the refresh token still works")?;
    }
    Ok(())
}

fn expect(step: &mut Step, held: bool, check: &str, otherwise: &str) -> Result<(), Failure> {
    if !held {
        return Err(Failure::new(otherwise));
    }
    step.checks.push(Check(check.to_owned()));
    Ok(())
}
