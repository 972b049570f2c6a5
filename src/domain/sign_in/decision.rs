//! What an authorization request needs next: the one decision that every page returns to.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::domain::account::user::User;
use crate::domain::factor::class::{Class, class_of};
use crate::domain::factor::policy::{Demand, FactorPolicy};
use crate::domain::oauth::authorize::request::{AuthorizationRequest, Prompt};
use crate::domain::oauth::client::Client;
use crate::domain::oauth::client::redirect::VerifiedRedirect;
use crate::domain::oauth::error::{ErrorCode, Kind, Refusal};
use crate::domain::oauth::token::claim_catalogue::ClaimCatalogue;
use crate::domain::oauth::token::scope::Scope;
use crate::domain::oauth::token::subject::Naming;
use crate::domain::sign_in::consent::Consent;
use crate::domain::sign_in::session::Session;
use crate::foundation::Timestamp;

/// What is known when the decision is made.
pub struct Situation<'a> {
    /// What is asked for.
    pub request: &'a AuthorizationRequest,
    /// By whom.
    pub client: &'a Client,
    /// How that client knows people.
    pub naming: &'a Naming<'a>,
    /// Where the answer would go.
    pub redirect: &'a VerifiedRedirect,
    /// Who is signed in, in a live session of an active user.
    pub signed_in: Option<(&'a Session, &'a User)>,
    /// Whether it is not clear which of the accounts in this browser is meant.
    pub unclear: bool,
    /// Who gave their password in this very flow, and is not signed in by that alone.
    pub half: Option<&'a User>,
    /// What this installation demands beside a password.
    pub policy: &'a FactorPolicy,
    /// What that user has allowed this client before.
    pub consent: Option<&'a Consent>,
    /// Whether they have just allowed it in answer to this very request: an answer to another one, in another tab, says
    /// nothing about who opened this one.
    pub just_allowed: bool,
    /// Whether that session's user proved who they are in this very flow, with a proof that has not been used up: a
    /// sign-in in another tab, however recent, is none.
    pub proved_here: bool,
    /// Whether they chose, in this very flow, to go on with that session.
    pub chosen_here: bool,
    /// Whether we are on a loopback address ourselves: somebody develops on this machine.
    pub local: bool,
    /// Which claims there are.
    pub catalogue: &'a ClaimCatalogue,
    /// Now.
    pub now: Timestamp,
}

/// What comes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The user signs in, for the first time or again.
    SignIn,
    /// The user gives a second factor.
    SecondFactor,
    /// The user adds a second factor, because one is demanded and they have none.
    AddFactor,
    /// The user says which account to go on with.
    ChooseAccount,
    /// The user says whether to keep the account, which is to be deleted.
    KeepAccount,
    /// The user is asked for consent to these single claims besides the scope.
    Consent(BTreeSet<String>),
    /// Nothing: the code can be issued.
    Done,
}

/// Decides the next step (OpenID Connect Core §3.1.2.3, §3.1.2.4).
///
/// # Errors
/// For the client: what cannot be done without a page when `prompt=none` forbids one, or cannot be done at all.
pub fn next_step(s: &Situation<'_>) -> Result<Step, Refusal> {
    let step = step(s)?;
    if !s.request.prompt.contains(&Prompt::None) {
        return Ok(step);
    }
    match step {
        Step::Done => Ok(step),
        Step::SignIn => {
            let description = "The user must sign in, and prompt=none forbids to ask.";
            Err(Refusal::new(ErrorCode::LoginRequired, description).of(Kind::Interaction))
        }
        Step::ChooseAccount => {
            let description = "The user must choose an account, and prompt=none forbids to ask.";
            Err(Refusal::new(ErrorCode::AccountSelectionRequired, description).of(Kind::Interaction))
        }
        Step::SecondFactor => {
            let description = "The user must give a second factor, and prompt=none forbids to ask.";
            Err(Refusal::new(ErrorCode::LoginRequired, description).of(Kind::Interaction))
        }
        Step::AddFactor => {
            let description = "The user must add a second factor, and prompt=none forbids to ask.";
            Err(Refusal::new(ErrorCode::InteractionRequired, description).of(Kind::Interaction))
        }
        Step::KeepAccount => {
            let description = "The user must say whether to keep the account, and prompt=none forbids to ask.";
            Err(Refusal::new(ErrorCode::InteractionRequired, description).of(Kind::Interaction))
        }
        Step::Consent(_) => {
            Err(Refusal::new(ErrorCode::ConsentRequired, "The user must consent, and prompt=none forbids to ask.")
                .of(Kind::Interaction)
                .with("scope", &s.request.scope))
        }
    }
}

fn step(s: &Situation<'_>) -> Result<Step, Refusal> {
    // The password that was given here comes before whoever else is signed in: they may be about to switch.
    if let Some(user) = s.half {
        return Ok(if user.second_factor { Step::SecondFactor } else { Step::AddFactor });
    }
    let Some((session, user)) = s.signed_in else {
        return Ok(if s.unclear && !demands_sign_in(s.request) { Step::ChooseAccount } else { Step::SignIn });
    };
    if let Some(expected) = &s.request.subject
        && !s.naming.means(user.id, expected)
    {
        // Somebody else's sign-in must not pass for the user who was asked for (§3.1.2.1, id_token_hint).
        return match s.proved_here {
            true => {
                Err(Refusal::new(ErrorCode::LoginRequired, "Another user signed in than the one who was asked for.")
                    .with("asked for", expected)
                    .with("signed in", user.id))
            }
            false => Ok(Step::SignIn),
        };
    }
    if must_sign_in_again(s, session) {
        return Ok(Step::SignIn);
    }
    if asks_for_account(s) && !s.proved_here && !s.chosen_here {
        return Ok(Step::ChooseAccount);
    }
    // What only a newer version can read proves nothing to this one.
    let Some(reached) = class_of(&session.proofs) else {
        return Ok(Step::SignIn);
    };
    let remembered = session.proofs.stand_in().is_some() && takes_stand_in(s.request);
    match s.policy.missing(user, Some(s.client), reached, remembered, s.now)? {
        Demand::Factor => return Ok(Step::SecondFactor),
        // A browser that was left open is not enough to give the account a factor that its owner does not have.
        Demand::NewFactor if !session.is_fresh(s.now) => return Ok(Step::SignIn),
        Demand::NewFactor => return Ok(Step::AddFactor),
        Demand::Nothing => {}
    }
    if user.delete_at.is_some() {
        return Ok(Step::KeepAccount);
    }
    acr_for(s.request, reached)?;
    Ok(consent(s))
}

/// Whether the person says which account to go on with: the client wants that, or named one that is not signed in here. A
/// hint is no demand, and where no page may be shown it is as if it were not there.
fn asks_for_account(s: &Situation<'_>) -> bool {
    let prompt = &s.request.prompt;
    prompt.contains(&Prompt::SelectAccount) || (s.unclear && !prompt.contains(&Prompt::None))
}

/// What `prompt=login` demands is a sign-in for this request, however old that is by now. What `max_age` demands is an
/// age, even if the consent page was what took so long.
fn must_sign_in_again(s: &Situation<'_>, session: &Session) -> bool {
    let too_old = |max_age: u64| max_age > 0 && !session.is_within(Duration::from_secs(max_age), s.now);
    (demands_sign_in(s.request) && !s.proved_here) || s.request.max_age.is_some_and(too_old)
}

/// Whether only a sign-in for this very request will do (§3.1.2.1): `prompt=login`, or a `max_age` of 0, which means the
/// same whatever the clock's resolution; or `prompt=create`, by which whoever is signed in is offered an account of their own.
pub fn demands_sign_in(request: &AuthorizationRequest) -> bool {
    let here = [Prompt::Login, Prompt::Create];
    here.iter().any(|prompt| request.prompt.contains(prompt)) || request.max_age == Some(0)
}

/// Whether a browser that is remembered will do where a second factor would be due: not for a request that asks for two
/// factors, or for a sign-in of its own.
pub fn takes_stand_in(request: &AuthorizationRequest) -> bool {
    !demands_sign_in(request) && !request.claims.asks_for(Class::TwoFactors)
}

/// The class that is told to the client, of somebody who has `reached` so much: all of it, unless the client insists on
/// others, and then the strongest of those that is reached too. An essential acr that cannot be reached is a failed
/// authentication (§5.5.1.1).
///
/// # Errors
/// For the client: none of those that it insists on is reached.
pub fn acr_for(request: &AuthorizationRequest, reached: Class) -> Result<Class, Refusal> {
    let Some(accepted) = request.claims.essential_acr() else {
        return Ok(reached);
    };
    let told = accepted.iter().filter_map(|acr| Class::parse(acr)).filter(|class| *class <= reached).max();
    told.ok_or_else(|| {
        let description = "None of the essential acr values can be reached.";
        Refusal::new(ErrorCode::UnmetAuthenticationRequirements, description)
            .with("asked for", accepted.join(" "))
            .with("reached", reached.as_str())
    })
}

/// Whether consent matters at all, and thus what is remembered of it: a first-party client is exempt unless it asks to
/// be asked for; or wants to change the person's account, where another program could pose as it (RFC 8252 §8.6) and have
/// the answer without the person noticing. Whoever proved who they are in this very flow has noticed.
pub fn wants_consent(
    request: &AuthorizationRequest,
    client: &Client,
    redirect: &VerifiedRedirect,
    local: bool,
    proved_here: bool,
) -> bool {
    !client.metadata.first_party
        || request.prompt.contains(&Prompt::Consent)
        || (acts_elsewhere(&request.scope) && !proved_here && !remembers_consent(client, redirect, local))
}

/// Whether a token of this scope lets an application act for its person beyond itself: on the account, or at a provider.
fn acts_elsewhere(scope: &Scope) -> bool {
    scope.changes_own_account() || !scope.of_upstream().is_empty()
}

/// Whether an answer is kept, so that the same question is not asked again. Not where somebody else could pose as the
/// client, such as any program on the user's machine: nothing but the user then tells them apart (RFC 8252 §8.6, RFC 6749 §10.2). Where we are on
/// loopback ourselves (`local`), whoever could listen there could as well listen in our place, and nothing is won by
/// asking the developer each time.
pub fn remembers_consent(client: &Client, redirect: &VerifiedRedirect, local: bool) -> bool {
    !redirect.is_shared(client) || (local && redirect.is_loopback())
}

/// Consent is asked once for each client and scope, or always: see [`remembers_consent`]. A first-party client is exempt
/// from both, but for what [`wants_consent`] says: its operator decided so, for software that they also control the machines of.
fn consent(s: &Situation<'_>) -> Step {
    if !wants_consent(s.request, s.client, s.redirect, s.local, s.proved_here) {
        return Step::Done;
    }
    let beyond = s.request.claims.beyond(&s.request.scope, s.catalogue);
    let covered = s.consent.is_some_and(|consent| consent.covers(&s.request.scope, &beyond));
    let asked_for = s.request.prompt.contains(&Prompt::Consent);
    let remembered = remembers_consent(s.client, s.redirect, s.local);
    let satisfied = match s.client.metadata.first_party {
        true => s.just_allowed && covered,
        false => covered && (s.just_allowed || (remembered && !asked_for)),
    };
    if satisfied { Step::Done } else { Step::Consent(beyond) }
}

#[cfg(test)]
#[path = "decision_tests.rs"]
mod tests;
