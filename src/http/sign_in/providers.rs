//! The upstream providers on the pages of a sign-in: their buttons, the way to one of them, and what is said to whoever came back
//! in vain.

use std::sync::Arc;

use axum::response::Response;

use super::entrance::{PageStep, Visit};
use crate::domain::factor::class::Class;
use crate::domain::federation::provider::Provider;
use crate::domain::oauth::authorize::request::{AuthorizationRequest, Prompt};
use crate::domain::operation::decision_trace::Trace;
use crate::domain::sign_in::decision;
use crate::foundation::RequestId;
use crate::http::request_id;
use crate::http::respond::authorization::see_other;
use crate::http::respond::page_error::PageError;
use crate::http::respond::provider_button::ProviderButton;
use crate::http::respond::upstream::{Why, trace};
use crate::language::Sentence;
use crate::services::federation::authorization_url::Wishes;
use crate::services::federation::begin::{Begun, Leaving, begin};
use crate::services::federation::waiting::Wanted;
use crate::services::federation::{self, offered};
use crate::services::sign_in::progress::{Ask, Goal};

/// The buttons on a page of a sign-in.
pub(super) fn buttons<S>(visit: &Visit<S>) -> Vec<ProviderButton> {
    offered(&visit.app, visit.ask.client_id()).iter().map(ProviderButton::of).collect()
}

/// Those of them through which one can have an account.
pub(super) fn that_create<S>(visit: &Visit<S>) -> Vec<ProviderButton> {
    let offered = offered(&visit.app, visit.ask.client_id());
    offered.iter().filter(|offered| offered.provider.policy.creates).map(ProviderButton::of).collect()
}

/// The provider whose button was pressed, if it is offered; or that of the address that was typed without a password.
pub(super) fn chosen<S>(visit: &Visit<S>) -> Option<Arc<Provider>> {
    let sent = |name: &str| visit.params.get(name).unwrap_or_default();
    if visit.params.get("provider").is_some() {
        let mut offered = offered(&visit.app, visit.ask.client_id()).into_iter();
        return offered.find(|one| one.provider.id == sent("provider")).map(|one| one.provider);
    }
    let signs_in = matches!(visit.params.get("action"), None | Some("sign_in")) && sent("password").is_empty();
    if signs_in { federation::of_address(&visit.app, sent("username")) } else { None }
}

/// The provider that the application has chosen for them (`idp_hint`), if it is offered: nobody presses a button then. Whoever
/// came back in vain, or wants another way in, chooses by themselves.
pub(super) fn hinted<S>(visit: &Visit<S>) -> Option<Arc<Provider>> {
    let hint = visit.ask.client()?.request.idp_hint.as_deref()?;
    if ["came", "switch", "stale", "account"].iter().any(|told| visit.params.get(told).is_some()) {
        return None;
    }
    let mut offered = offered(&visit.app, visit.ask.client_id()).into_iter();
    offered.find(|one| one.provider.id == hint && !one.is_down).map(|one| one.provider)
}

/// Why somebody is not sent to the provider that they chose.
pub(super) struct NotSent {
    /// For the page.
    pub(super) said: Sentence,
    /// For operators, where it is the provider's doing.
    pub(super) trace: Option<Trace>,
}

/// Whoever chose a provider is sent there; what they have typed as their name goes with them.
pub(super) async fn through<S: PageStep>(
    visit: &Visit<S>,
    provider: &Provider,
) -> Result<Result<Response, NotSent>, PageError> {
    let Visit { app, browser, params, flow, ask, .. } = visit;
    let Some(binding) = browser.binding() else { return Ok(Ok(visit.ask_again()?)) };
    let stays = app.settings.login.keep_signed_in.applies(params.get("remember").is_some());
    let typed = params.get("username").map(str::trim).filter(|name| !name.is_empty());
    let request = ask.client().map(|goal| &goal.request);
    let hint = request.and_then(|request| request.login_hint.as_deref());
    let leaving = Leaving {
        wanted: Wanted::SignIn { flow: flow.clone(), stays },
        browser: binding,
        address: browser.address(),
        wishes: Wishes {
            login_hint: typed.or(hint),
            max_age: max_age(ask),
            strong: request.is_some_and(|request| request.claims.asks_for(Class::TwoFactors)),
            chooses: request.is_some_and(|request| request.prompt.contains(&Prompt::SelectAccount)),
        },
    };
    let (why, trace) = match begin(app, &browser.actor(), provider, leaving).await? {
        Begun::To(url) => return Ok(Ok(see_other(&url)?)),
        Begun::Refused(refusal) => (Why::of(&refusal), Some(trace(provider, &refusal))),
        Begun::Wait(_) => (Why::TooMany, None),
    };
    Ok(Err(NotSent { said: why.said(&provider.name, &request_id::current()), trace }))
}

/// How many seconds ago somebody may have signed in at a provider. Who has to sign in anew here, or to prove who they are, does
/// so there.
fn max_age(ask: &Ask) -> Option<u64> {
    let request: Option<&AuthorizationRequest> = ask.client().map(|goal| &goal.request);
    let page_wants = matches!(ask.goal, Goal::Page(page) if page.demands_fresh_proof());
    if request.is_some_and(decision::demands_sign_in) || ask.signed_in.is_some() || page_wants {
        return Some(0);
    }
    request.and_then(|request| request.max_age)
}

/// Why somebody came back from a provider in vain.
pub(super) fn came<S>(visit: &Visit<S>) -> Option<Sentence> {
    let why = Why::parse(visit.params.get("came")?)?;
    let provider = federation::find(&visit.app, visit.params.get("from")?)?;
    let request: RequestId = visit.params.get("request")?.parse().ok()?;
    Some(why.said(&provider.name, request.as_str()))
}
