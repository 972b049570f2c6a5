//! The authorization endpoint and the pages that it leads to: one request, one decision, taken up again after each
//! page until there is an answer for the client.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::authorization_request::RequestKey;
use super::pending_sign_in::{self, HalfSignIn};
use super::progress::{Answer, Ask, ClientGoal, Goal, Progress};
use super::{consent, own_page};
use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::{ActOnSelf, Allowed};
use crate::domain::account::user::User;
use crate::domain::oauth::authorize::pushed;
use crate::domain::oauth::authorize::request::{self, AuthorizationRequest, Prompt};
use crate::domain::oauth::authorize::response::AuthorizationResponse;
use crate::domain::oauth::authorize::response_mode::ResponseMode;
use crate::domain::oauth::client::Client;
use crate::domain::oauth::client::redirect::VerifiedRedirect;
use crate::domain::oauth::error::{ErrorCode, Kind, Refusal};
use crate::domain::oauth::params::Params;
use crate::domain::operation::audit_event::{Action, Outcome, Target};
use crate::domain::sign_in::authorization_request::Standing;
use crate::domain::sign_in::consent::Consent;
use crate::domain::sign_in::decision::{Situation, Step, demands_sign_in, next_step, wants_consent};
use crate::domain::sign_in::destination::Destination;
use crate::domain::sign_in::page_refusal::PageRefusal;
use crate::domain::sign_in::session::Session;
use crate::foundation::SecretHash;
use crate::services::ServiceError;
use crate::services::oauth::authorization_parameters::Resolved;
use crate::services::oauth::client;
use crate::services::oauth::issue_code::NewGrant;
use crate::services::oauth::recipient::Recipient;
use crate::services::operation::events::{self, event};
use crate::services::sign_in::accounts::{self, Accounts, Selected};
use crate::services::sign_in::authorization_request;
use crate::storage::Conn;
use crate::storage::operation::audit_event;
use crate::storage::sign_in as stored;

/// Takes up a request at `/authorize`. When the user has to be asked, the caller makes it ready to travel
/// ([`authorization_request::carry`]).
///
/// # Errors
/// A refusal is for a page: the client or its redirect URI is not proven. Every other refusal is an [`Answer`].
pub async fn begin(app: &App, by: &Actor, asked: &Resolved<'_>, accounts: Accounts) -> Result<Progress, ServiceError> {
    let params: &Params = &asked.params;
    let id = request::client_id(params)?;
    let client = client::find(app, &id).await?;
    let redirect = request::prove(client.as_deref(), &id, params, app.settings.rules)?;
    let Some(client) = client else {
        return Err(ServiceError::internal("a redirect URI was proven without a client"));
    };
    match asked.check(app, &client, &redirect) {
        Ok(request) => decide(app, by, (client, redirect, request), accounts, SoFar::default()).await,
        Err(refusal) => {
            // Whoever registers an application could send people from here to wherever they like, without any of them having
            // done anything (RFC 9700 §4.11.2).
            if !client.is_vetted() && !is_silent(params) && accounts.live(app).await?.is_empty() {
                return Err(ServiceError::from(refusal).asked_by(&client.id));
            }
            let mode = request::response_mode(params);
            Ok(answer(client, refuse_to(app, redirect, mode, params.get("state"), &refusal)))
        }
    }
}

/// Whether no page may be shown: then an answer without one is what was asked for.
fn is_silent(params: &Params) -> bool {
    params.get("prompt") == Some(Prompt::None.as_str())
}

/// A browser, as far as its cookies tell.
#[derive(Clone, Copy, Default)]
pub struct Place {
    /// The hash of its secret.
    pub browser: Option<SecretHash>,
    /// The hash of the secret of half a sign-in.
    pub half: Option<SecretHash>,
}

/// Takes up again what is on its way; `just_allowed` when its user has answered its own consent page a moment
/// ago. `at` is the browser: the request of another one begins anew. `accounts` is what was found behind its cookie, live or
/// not.
///
/// # Errors
/// A refusal is for a page: there is no such request any more, or its client has changed meanwhile.
pub async fn resume(
    app: &App,
    by: &Actor,
    flow: &str,
    at: Place,
    accounts: Accounts,
    just_allowed: bool,
) -> Result<Progress, ServiceError> {
    let found = authorization_request::find(app, flow).await?;
    let standing = found.as_ref().map(|found| found.standing(at.browser.as_ref(), app.clock.now()));
    let request = match (found, standing) {
        (Some(found), Some(Standing::Here)) => found.request,
        (Some(found), Some(Standing::Anew)) => {
            if let Destination::Client(request) = &found.request {
                tracing::info!(client = %request.client, "authorization request restarted");
            }
            return Ok(Progress::Restart(found.request));
        }
        _ => return Err(PageRefusal::UnknownFlow.into()),
    };
    let key = RequestKey::of(flow);
    let half = match (at.half, &at.browser) {
        (Some(secret), Some(browser)) => pending_sign_in::find(app, secret, &key.hash, browser).await?,
        _ => None,
    };
    let request = match request {
        Destination::Client(request) => *request,
        Destination::Page(page) => {
            let decided = own_page::decide(app, page, accounts, half).await?;
            return Ok(decided.map_or_else(|progress| progress, |_| Progress::Visit(page)));
        }
    };
    let (client, redirect) = prove_again(app, &request).await?;
    let (mode, state) = (request.response_mode, request.state.clone());
    let so_far = SoFar { key: Some(key), half, just_allowed };
    match request::check_again(request, app.targets(&client), app.settings.rules) {
        Ok(request) => decide(app, by, (client, redirect, request), accounts, so_far).await,
        Err(refusal) => Ok(answer(client, refuse_to(app, redirect, mode, state.as_deref(), &refusal))),
    }
}

/// There is no room for a request that is too long to travel in a URL. The client is told, so that its user is not left
/// on a page of ours.
///
/// # Errors
/// A refusal is for a page: its client has changed meanwhile.
pub async fn no_room(app: &App, request: &AuthorizationRequest) -> Result<Answer, ServiceError> {
    let (client, redirect) = prove_again(app, request).await?;
    let refusal = Refusal::new(
        ErrorCode::TemporarilyUnavailable,
        "Too many long authorization requests wait here. Ask again in a few minutes, or send a shorter one.",
    )
    .of(Kind::LongRequests);
    if !client.is_vetted() {
        // As in [`begin`].
        return Err(refusal.into());
    }
    let response = refuse_to(app, redirect, request.response_mode, request.state.as_deref(), &refusal);
    Ok(Answer { client, response })
}

/// The user allows what `ask` shows them.
///
/// # Errors
/// As [`resume`]; a refusal when nobody is signed in any more.
pub async fn allow(app: &App, by: &Actor, ask: &Ask) -> Result<(), ServiceError> {
    let (Some((_, user)), Some(ClientGoal { client, request, .. })) = (&ask.signed_in, ask.client()) else {
        return Err(PageRefusal::NobodySignedIn.into());
    };
    let none = BTreeSet::new();
    let claims = if let Step::Consent(claims) = &ask.step { claims } else { &none };
    consent::allow(app, by, user.id, &client.id, &request.scope, claims).await
}

/// The user does not want to go on: the client is told so (RFC 6749 §4.1.2.1). That is an answer like any other: a sign-in
/// for this request is used up by it.
///
/// # Errors
/// When there is something to use up and the database does not answer.
pub async fn deny(app: &App, by: &Actor, flow: &str, ask: Ask) -> Result<Progress, ServiceError> {
    let refusal = Refusal::new(ErrorCode::AccessDenied, "The user did not allow it.");
    let Ask { goal, signed_in, half, .. } = ask;
    if let Some(half) = &half {
        // Whoever sits at this browser next is not half signed in.
        app.store
            .transaction("end_half_sign_in", async |tx| stored::pending_sign_in::end(tx, &half.secret).await)
            .await?;
    }
    let ClientGoal { request, client, redirect } = match goal {
        Goal::Client(goal) => *goal,
        Goal::Page(_) => return Ok(own_page::leave(signed_in)),
    };
    let key = RequestKey::of(flow);
    let by = by.for_client(&client.id);
    // A stranger who goes back has denied nothing that anybody asked them for, and leaves nothing.
    let denied = match &signed_in {
        Some((_, user)) => {
            let denied = event(app, &by.may(ActOnSelf(user.id))?, Action::ConsentDenied).with(Outcome::Refused);
            Some(denied.about(Target::user(user.id)).about(Target::client(&client.id)))
        }
        None => None,
    };
    let proved = signed_in.filter(|(session, _)| session.proved_in == Some(key.hash)).map(|(session, _)| session.id);
    if key.stored || denied.is_some() {
        app.store
            .transaction("deny_consent", async |tx| {
                if let Some(denied) = &denied {
                    audit_event::insert(tx, denied).await?;
                }
                if let Some(session) = proved {
                    stored::session::use_proof(tx, session, &key.hash).await?;
                }
                key.retire(app, tx).await
            })
            .await?;
    }
    Ok(answer(client, refuse_to(app, redirect, request.response_mode, request.state.as_deref(), &refusal)))
}

/// A client may have changed while its user was asked.
async fn prove_again(
    app: &App,
    request: &AuthorizationRequest,
) -> Result<(Arc<Client>, VerifiedRedirect), ServiceError> {
    match client::find(app, &request.client).await?.filter(|client| client.enabled) {
        Some(client) => {
            let redirect = VerifiedRedirect::prove(&client, Some(&request.redirect_uri), app.settings.rules)?;
            Ok((client, redirect))
        }
        None => Err(PageRefusal::ClientGone { client: request.client.clone() }.into()),
    }
}

/// What has happened to a request since it came in.
#[derive(Default)]
pub(super) struct SoFar {
    /// `None` when it has just come in.
    pub(super) key: Option<RequestKey>,
    /// The password that was given for it.
    pub(super) half: Option<HalfSignIn>,
    /// Whether its consent page was answered a moment ago.
    pub(super) just_allowed: bool,
}

async fn decide(
    app: &App,
    by: &Actor,
    (client, redirect, request): (Arc<Client>, VerifiedRedirect, AuthorizationRequest),
    accounts: Accounts,
    so_far: SoFar,
) -> Result<Progress, ServiceError> {
    // Before anybody is asked anything: an answer that is to be encrypted is not sent in the clear, and says nothing otherwise.
    Recipient::of_answer(app, &client, request.response_mode).await?;
    let flow = so_far.key.map(|key| key.hash);
    let selected = accounts::select(app, (&client, &request), flow.as_ref(), accounts).await?;
    let step = match next(app, (&client, &redirect, &request), &selected, &so_far).await? {
        Ok(step) => step,
        Err(refusal) => {
            let response = refuse_to(app, redirect, request.response_mode, request.state.as_deref(), &refusal);
            return Ok(answer(client, response));
        }
    };
    let signed_in = selected.signed_in;
    if let (Step::Done, Some((session, user))) = (&step, &signed_in) {
        // It need not be whoever is current in the browser.
        let by = by.clone().signed_in(user.id, session.id);
        let may = by.may(ActOnSelf(user.id))?;
        return match issue(app, &may, (&client, &redirect, &request), session, so_far.key.as_ref()).await? {
            Issued::Given(given) => {
                let response = respond(app, (&client, user), redirect, &request, *given).await?;
                Ok(answer(client, response))
            }
            Issued::RequestIsUsed => Ok(answer(client, already_answered(app, redirect, &request))),
            // Another request was faster, and used the sign-in up.
            Issued::SignInIsUsed => {
                let goal = Goal::Client(Box::new(ClientGoal { request, client, redirect }));
                Ok(Progress::Ask(Box::new(Ask { step: Step::SignIn, goal, signed_in, half: None })))
            }
        };
    }
    let goal = Goal::Client(Box::new(ClientGoal { request, client, redirect }));
    Ok(Progress::Ask(Box::new(Ask { step, goal, signed_in, half: so_far.half })))
}

/// The next step for whoever is signed in; an error is for the client.
pub(super) async fn next(
    app: &App,
    (client, redirect, request): (&Arc<Client>, &VerifiedRedirect, &AuthorizationRequest),
    Selected { signed_in, unclear }: &Selected,
    so_far: &SoFar,
) -> Result<Result<Step, Refusal>, ServiceError> {
    let signed_in = signed_in.as_ref();
    let key = so_far.key.map(|key| key.hash);
    let here = |noted: fn(&Session) -> Option<SecretHash>| {
        key.is_some() && signed_in.and_then(|(session, _)| noted(session)) == key
    };
    let (proved_here, local) = (here(|session| session.proved_in), app.issuer.is_loopback());
    let remembered = match signed_in {
        Some((_, user)) if wants_consent(request, client, redirect, local, proved_here) => {
            remembered_consent(app, user, client).await?
        }
        _ => None,
    };
    let step = next_step(&Situation {
        catalogue: &app.settings.claims,
        request,
        client,
        naming: &app.subjects.naming(client)?,
        redirect,
        signed_in: signed_in.map(|(session, user)| (session, user)),
        unclear: *unclear,
        half: so_far.half.as_ref().map(|half| &half.user),
        policy: &app.settings.factors,
        consent: remembered.as_ref(),
        just_allowed: so_far.just_allowed,
        proved_here,
        chosen_here: here(|session| session.chosen_in),
        local,
        now: app.clock.now(),
    });
    if step == Ok(Step::Done) && request.response_type.id_token() {
        // Before anything is used up: a code, a pushed request, a sign-in.
        match Recipient::of(app, client, client.metadata.encryption.id_token()).await {
            Err(ServiceError::Protocol(refusal)) => return Ok(Err(refusal)),
            found => found?,
        };
    }
    Ok(step)
}

async fn remembered_consent(app: &App, user: &User, client: &Client) -> Result<Option<Consent>, ServiceError> {
    Ok(app.store.read("find_consent", async |conn| stored::consent::find(conn, user.id, &client.id).await).await?)
}

/// What came of issuing what was asked for.
enum Issued {
    Given(Box<NewGrant>),
    SignInIsUsed,
    RequestIsUsed,
}

/// Stores what was allowed and what stands for it, together. Where the request had demanded a sign-in, that one
/// is used up by it: whoever opens the page again signs in again. So is a request that was pushed.
async fn issue(
    app: &App,
    _: &Allowed<'_, ActOnSelf>,
    (client, redirect, request): (&Client, &VerifiedRedirect, &AuthorizationRequest),
    session: &Session,
    key: Option<&RequestKey>,
) -> Result<Issued, ServiceError> {
    let naming = app.subjects.naming(client)?;
    let given = NewGrant::new(app, (client, &naming), request, redirect, session);
    let Some(key) = key else {
        let store = async |tx: &mut Conn| given.store(tx, None).await;
        let stored = app.store.write("issue_code_at_once", given.writes(), store).await?;
        return Ok(if stored { Issued::Given(Box::new(given)) } else { Issued::RequestIsUsed });
    };
    let instead = app
        .store
        .transaction("issue_code", async |tx| {
            if demands_sign_in(request) && !stored::session::use_proof(tx, session.id, &key.hash).await? {
                return Ok(Some(Issued::SignInIsUsed));
            }
            key.retire(app, tx).await?;
            Ok((!given.store(tx, Some(&key.hash)).await?).then_some(Issued::RequestIsUsed))
        })
        .await?;
    Ok(instead.unwrap_or_else(|| Issued::Given(Box::new(given))))
}

/// Gives the client what was stored for it, and counts that.
pub(super) async fn respond(
    app: &App,
    (client, user): (&Client, &User),
    redirect: VerifiedRedirect,
    request: &AuthorizationRequest,
    given: NewGrant,
) -> Result<AuthorizationResponse, ServiceError> {
    if request.response_type.code() {
        events::count_given(app, Action::CodeIssued, &client.id);
    }
    if request.response_type.has_tokens() {
        events::count_given(app, Action::TokenIssued, &client.id);
    }
    let given = given.given(app, client, user).await?;
    let state = request.state.as_deref();
    Ok(AuthorizationResponse::success(redirect, request.response_mode, given, state, &app.issuer))
}

/// A request that was pushed is answered once.
pub(super) fn already_answered(
    app: &App,
    redirect: VerifiedRedirect,
    request: &AuthorizationRequest,
) -> AuthorizationResponse {
    let refusal = pushed::unknown().of(Kind::Replayed);
    refuse_to(app, redirect, request.response_mode, request.state.as_deref(), &refusal)
}

pub(super) fn refuse_to(
    app: &App,
    redirect: VerifiedRedirect,
    mode: ResponseMode,
    state: Option<&str>,
    refusal: &Refusal,
) -> AuthorizationResponse {
    AuthorizationResponse::error(redirect, mode, refusal, state, &app.issuer)
}

pub(super) fn answer(client: Arc<Client>, response: AuthorizationResponse) -> Progress {
    Progress::Respond(Box::new(Answer { client, response }))
}
