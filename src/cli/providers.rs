//! `latchkey providers`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::{CliError, Common};
use crate::app::App;
use crate::app::providers::providers;
use crate::domain::account::user::User;
use crate::domain::federation::link::Decision;
use crate::domain::federation::provider::{Protocol, Provider};
use crate::foundation::text::plain;
use crate::foundation::url::Issuer;
use crate::services::federation;
use crate::services::federation::check::{self, Step};
use crate::services::federation::rehearse::{Rehearsal, rehearse};

/// Providers through which people sign in.
#[derive(Subcommand)]
pub enum Providers {
    /// List every provider with the redirect URI that has to be registered there. The database is not needed.
    List,
    /// Ask a provider what a sign-in would ask it, step by step; exit status 1 if one fails.
    Test(Test),
}

/// What to try.
#[derive(Args)]
pub struct Test {
    /// Its name in the configuration.
    provider: String,
    /// Claims of a person, as of an ID token, in a file: say as well whose account they would get, and why. Nothing is changed.
    #[arg(long, value_name = "FILE")]
    claims: Option<PathBuf>,
}

impl Providers {
    pub async fn run(self, common: &Common) -> Result<(), CliError> {
        match self {
            Self::List => list(common),
            Self::Test(test) => test.run(common).await,
        }
    }
}

fn list(common: &Common) -> Result<(), CliError> {
    let config = common.read_config()?;
    let providers = providers(&config, false).map_err(CliError::Other)?;
    let objects: Vec<_> = providers.iter().map(|provider| object(provider, &config.issuer)).collect();
    let lines: Vec<_> = providers.iter().map(|provider| text(provider, &config.issuer)).collect();
    let none = "No provider is configured: docs/federation.md says how.".to_owned();
    let lines = if lines.is_empty() { none } else { lines.join("\n\n") };
    common.output().done(&json!({ "providers": objects }), &lines);
    Ok(())
}

fn speaks(provider: &Provider) -> (&'static str, String) {
    match &provider.protocol {
        Protocol::OpenId { issuer } => ("OpenID Connect", issuer.metadata_url()),
        Protocol::OAuth { authorization, .. } => ("OAuth 2.0", authorization.clone()),
    }
}

fn object(provider: &Provider, issuer: &Issuer) -> Value {
    let (protocol, url) = speaks(provider);
    json!({
        "provider": provider.id,
        "name": provider.name,
        "protocol": protocol,
        "url": url,
        "client_id": provider.client_id,
        "redirect_uri": provider.redirect_uri(issuer),
        "backchannel_logout_uri": provider.logout_uri(issuer),
        "scopes": provider.scopes,
        "creates_accounts": provider.policy.creates,
        "trusts_email": provider.policy.trusts_email,
    })
}

fn text(provider: &Provider, issuer: &Issuer) -> String {
    let (protocol, url) = speaks(provider);
    let creates = if provider.policy.creates { "are made" } else { "are not made" };
    let trusts = if provider.policy.trusts_email { "are trusted" } else { "are not trusted" };
    format!(
        "{} ({})\n  redirect URI  {}\n  speaks        {protocol}, {url}\n  client        {}\n  scopes        {}\n  accounts      \
         {creates}; verified addresses {trusts}",
        provider.id,
        provider.name,
        provider.redirect_uri(issuer),
        provider.client_id,
        provider.scopes.join(" "),
    )
}

impl Test {
    async fn run(self, common: &Common) -> Result<(), CliError> {
        let Self { provider: id, claims } = self;
        let claims = claims.as_deref().map(read).transpose()?;
        let app = common.app().await?;
        let provider = find(&app, &id)?;
        let steps = check::check(&app, &provider).await;
        let leads_to = check::authorization_url(&app, &provider).await.ok();
        let rehearsed = match &claims {
            Some(claims) => Some(rehearsed(&app, &provider, claims).await?),
            None => None,
        };
        let failed = steps.iter().filter(|step| step.found.is_err()).count();
        let object = json!({
            "provider": provider.id,
            "steps": steps.iter().map(step_object).collect::<Vec<_>>(),
            "authorization_url": leads_to,
            "decision": rehearsed.as_ref().map(|(object, _)| object),
        });
        let mut lines: Vec<_> = steps.iter().map(step_text).collect();
        lines.extend(leads_to.map(|url| format!("       sends people to  {url}")));
        lines.extend(rehearsed.map(|(_, text)| text));
        common.output().done(&object, &lines.join("\n"));
        match failed {
            0 => Ok(()),
            _ => Err(CliError::Other(format!("{id} is not as it should be: see the step that failed"))),
        }
    }
}

fn find(app: &App, id: &str) -> Result<Arc<Provider>, CliError> {
    federation::find(app, id).ok_or_else(|| {
        let known: Vec<_> = app.settings.providers.iter().map(|provider| provider.id.as_str()).collect();
        let known = if known.is_empty() { "there is none".to_owned() } else { known.join(", ") };
        CliError::Other(format!("no provider is called {}; configured: {known}", plain(id, 60)))
    })
}

/// The claims of a file: an object of JSON.
fn read(file: &Path) -> Result<Map<String, Value>, CliError> {
    let wrong = |error: String| CliError::Other(format!("{}: {error}", file.display()));
    let text = std::fs::read(file).map_err(|error| wrong(error.to_string()))?;
    serde_json::from_slice(&text).map_err(|error| wrong(format!("no object of claims: {error}")))
}

fn step_object(step: &Step) -> Value {
    let (found, wrong) = match &step.found {
        Ok(found) => (Some(found), None),
        Err(wrong) => (None, Some(wrong)),
    };
    json!({"step": step.name, "ok": found.is_some(), "found": found, "wrong": wrong})
}

fn step_text(step: &Step) -> String {
    let (mark, said) = match &step.found {
        Ok(found) => ("ok", found),
        Err(wrong) => ("FAILED", wrong),
    };
    format!("{mark:<6} {:<16} {}", step.name, plain(said, 1_000))
}

/// What would become of whoever has these claims, for programs and for people.
async fn rehearsed(app: &App, provider: &Provider, claims: &Map<String, Value>) -> Result<(Value, String), CliError> {
    let Rehearsal { arrival, connected, owner, decision } = match rehearse(app, provider, claims).await? {
        Ok(rehearsal) => rehearsal,
        Err(refusal) => {
            let text = format!("\nWhoever has these claims is refused: {refusal}.");
            return Ok((json!({"outcome": "refused", "because": refusal.to_string()}), text));
        }
    };
    let named = |user: &User| user.login_name().unwrap_or_default().to_owned();
    let (outcome, said) = match &decision {
        Ok(Decision::SignIn) => ("sign_in", "signs in to the account that this identity is connected to".to_owned()),
        Ok(Decision::Connect) => {
            ("connect", "is connected to the account that has the address, and signs in".to_owned())
        }
        Ok(Decision::Create) => ("create", "gets an account".to_owned()),
        Ok(Decision::ProveFirst) => ("prove_first", "signs in to the account that has the address first".to_owned()),
        Err(refusal) => ("refused", format!("is refused: {refusal}")),
    };
    let account = connected.as_ref().or(owner.as_ref()).map(named);
    let verified = if arrival.email_verified { "verified" } else { "not verified" };
    let facts = [
        ("issuer", Some(arrival.issuer.clone())),
        ("subject", Some(arrival.subject.clone())),
        ("address", arrival.email.as_ref().map(|email| format!("{email}, {verified}"))),
        ("username", arrival.username.clone()),
        ("groups", arrival.groups.as_ref().map(|groups| groups.join(", "))),
        ("account", account.clone()),
        ("strong", arrival.is_strong(&provider.policy).then(|| "yes: no second factor is asked for".to_owned())),
    ];
    let facts = facts.iter().filter_map(|(name, value)| Some(format!("  {name:<9} {}", plain(value.as_deref()?, 400))));
    let text = format!("\nWhoever has these claims {said}.\n{}", facts.collect::<Vec<_>>().join("\n"));
    let object = json!({
        "outcome": outcome,
        "because": decision.as_ref().err().map(ToString::to_string),
        "issuer": arrival.issuer,
        "subject": arrival.subject,
        "email": arrival.email,
        "email_verified": arrival.email_verified,
        "username": arrival.username,
        "groups": arrival.groups,
        "account": account,
    });
    Ok((object, text))
}
