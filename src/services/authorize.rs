//! The authorization endpoint and the pages that it leads to: one request, one decision, taken up again after each
//! page until there is an answer for the client.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{ServiceError, clients, consent, sessions};
use crate::app::App;
use crate::crypto::VerifiedJwt;
use crate::domain::account::user::User;
use crate::domain::consent::Consent;
use crate::domain::oauth::authorize::{self, AuthorizationRequest};
use crate::domain::oauth::client::{Client, ClientId};
use crate::domain::oauth::code::AuthorizationCode;
use crate::domain::oauth::decision::{ACR_PASSWORD, Situation, Step, next_step, wants_consent};
use crate::domain::oauth::error::{ErrorCode, Refusal};
use crate::domain::oauth::grant::Grant;
use crate::domain::oauth::id_token::{self, Hint};
use crate::domain::oauth::params::Params;
use crate::domain::oauth::pending::Pending;
use crate::domain::oauth::redirect::VerifiedRedirect;
use crate::domain::oauth::response::{AuthorizationResponse, ResponseMode};
use crate::domain::session::Session;
use crate::foundation::{Secret, SecretHash, Timestamp, id::GrantId, id::SessionId};
use crate::storage::{authorization_code, authorization_request, consent as consents, grant};

/// Where an authorization request stands.
pub enum Progress {
    /// There is an answer for the client: a code, or an error.
    Respond(Box<Answer>),
    /// The user has to do something first.
    Ask(Box<Ask>),
    /// The request is not to be taken up in this browser, or no longer: it begins anew, here, with a sign-in.
    Restart(Box<AuthorizationRequest>),
}

/// An answer on its way to a client.
pub struct Answer {
    /// The client.
    pub client: Arc<Client>,
    /// What it is told.
    pub response: AuthorizationResponse,
}

/// What the next page needs to know.
pub struct Ask {
    /// Which page.
    pub step: Step,
    /// What is asked for.
    pub request: AuthorizationRequest,
    /// By whom.
    pub client: Arc<Client>,
    /// Where the answer will go.
    pub redirect: VerifiedRedirect,
    /// Who is signed in.
    pub signed_in: Option<(Session, User)>,
}

/// Takes up a request at `/authorize`. Nothing is stored unless the user has to be asked: then the caller parks it.
///
/// # Errors
/// A refusal is for a page: the client or its redirect URI is not proven. Every other refusal is an [`Answer`].
pub async fn begin(app: &App, params: &Params, session: Option<SessionId>) -> Result<Progress, ServiceError> {
    let id = authorize::client_id(params)?;
    let client = clients::find(app, &id).await?;
    let redirect = authorize::prove(client.as_deref(), &id, params)?;
    let Some(client) = client else {
        return Err(ServiceError::Internal("a redirect URI was proven without a client".to_owned()));
    };
    let hinted = params.get("id_token_hint").map(|hint| read_hint(app, hint, &client.id).map(|hint| hint.sub));
    match authorize::check(params, &client, &redirect, hinted) {
        Ok(request) => decide(app, client, redirect, request, session, Progressed::new(app.clock.now())).await,
        Err(refusal) => {
            let mode = authorize::response_mode(params);
            Ok(answer(client, refuse_to(app, redirect, mode, params.get("state"), &refusal)))
        }
    }
}

/// Stores a request while its user is asked. Returns the id by which the browser takes it up again; it works only in
/// the browser with the binding secret that `browser` is the hash of.
///
/// # Errors
/// When the database does not answer.
pub async fn park(app: &App, request: AuthorizationRequest, browser: SecretHash) -> Result<Secret, ServiceError> {
    let now = app.clock.now();
    let id = Secret::generate(&app.random);
    let expires_at = now.after(app.settings.lifetimes.authorization_request);
    let pending = Pending { request, browser, chosen: None, created_at: now, expires_at };
    let hash = id.hash();
    app.store.transaction(async |tx| authorization_request::insert(tx, &hash, &pending).await).await?;
    Ok(id)
}

/// Takes a parked request up again; `just_allowed` when its user has answered its own consent page a moment ago.
///
/// # Errors
/// A refusal is for a page: there is no such request any more, or its client has changed meanwhile.
pub async fn resume(
    app: &App,
    flow: &str,
    browser: Option<SecretHash>,
    session: Option<SessionId>,
    just_allowed: bool,
) -> Result<Progress, ServiceError> {
    let hash = SecretHash::of(flow);
    let Some(pending) = app.store.read(async |conn| authorization_request::find(conn, &hash).await).await? else {
        return Err(Refusal::new(ErrorCode::InvalidRequest, "This sign-in is no longer known here.").into());
    };
    let now = app.clock.now();
    let here = browser.is_some_and(|browser| browser.matches(&pending.browser));
    if !here || now >= pending.expires_at {
        tracing::info!(client = %pending.request.client, here, "authorization request restarted");
        return Ok(Progress::Restart(Box::new(pending.request)));
    }
    let (client, redirect) = prove_again(app, &pending.request).await?;
    let so_far = Progressed { asked_at: pending.created_at, chosen: pending.chosen, just_allowed };
    decide(app, client, redirect, pending.request, session, so_far).await
}

/// The user goes on with the account that they are signed in with.
///
/// # Errors
/// As [`resume`].
pub async fn choose(app: &App, flow: &str, session: SessionId) -> Result<(), ServiceError> {
    let hash = SecretHash::of(flow);
    app.store.transaction(async |tx| authorization_request::choose_session(tx, &hash, session).await).await?;
    Ok(())
}

/// The user allows what `ask` shows them.
///
/// # Errors
/// As [`resume`]; a refusal when nobody is signed in any more.
pub async fn allow(app: &App, ask: &Ask) -> Result<(), ServiceError> {
    let Some((_, user)) = &ask.signed_in else {
        return Err(Refusal::new(ErrorCode::LoginRequired, "Nobody is signed in.").into());
    };
    let none = BTreeSet::new();
    let claims = if let Step::Consent(claims) = &ask.step { claims } else { &none };
    consent::allow(app, user.id, &ask.client.id, &ask.request.scope, claims).await
}

/// The user does not want to go on: the client is told so (RFC 6749 §4.1.2.1).
pub fn deny(app: &App, ask: Ask) -> Progress {
    let refusal = Refusal::new(ErrorCode::AccessDenied, "The user did not allow it.");
    let Ask { request, client, redirect, .. } = ask;
    answer(client, refuse_to(app, redirect, request.response_mode, request.state.as_deref(), &refusal))
}

/// What an id_token_hint says: a token that we had signed for `client`, expired or not (OpenID Connect Core §3.1.2.1).
///
/// # Errors
/// `invalid_request` when we did not.
pub fn read_hint(app: &App, token: &str, client: &ClientId) -> Result<Hint, Refusal> {
    let hint = any_hint(app, token)?;
    match hint.aud == client.as_str() {
        true => Ok(hint),
        false => Err(bad_hint().with("issued to", hint.aud)),
    }
}

/// As [`read_hint`], for whichever client.
///
/// # Errors
/// `invalid_request` when we did not sign it as an ID token.
pub fn any_hint(app: &App, token: &str) -> Result<Hint, Refusal> {
    let keys = app.keys.current();
    let verified = VerifiedJwt::decode(token, keys.verifiers()).map_err(|error| bad_hint().with("because", error))?;
    if verified.typ() != Some(id_token::TYPE) {
        return Err(bad_hint().with("typ", verified.typ().unwrap_or("none")));
    }
    let hint: Hint = verified.claims().map_err(|error| bad_hint().with("because", error))?;
    match hint.iss == app.issuer.as_str() {
        true => Ok(hint),
        false => Err(bad_hint().with("iss", hint.iss)),
    }
}

fn bad_hint() -> Refusal {
    Refusal::new(ErrorCode::InvalidRequest, "The id_token_hint is not an ID token of this server for this client.")
}

/// A client may have changed while its user was asked.
async fn prove_again(
    app: &App,
    request: &AuthorizationRequest,
) -> Result<(Arc<Client>, VerifiedRedirect), ServiceError> {
    match clients::find(app, &request.client).await?.filter(|client| client.enabled) {
        Some(client) => {
            let redirect = VerifiedRedirect::prove(&client, Some(&request.redirect_uri))?;
            Ok((client, redirect))
        }
        None => Err(Refusal::new(ErrorCode::InvalidClient, "The application is no longer registered.").into()),
    }
}

/// What has happened to a request since it came in.
struct Progressed {
    asked_at: Timestamp,
    chosen: Option<SessionId>,
    just_allowed: bool,
}

impl Progressed {
    fn new(asked_at: Timestamp) -> Self {
        Self { asked_at, chosen: None, just_allowed: false }
    }
}

async fn decide(
    app: &App,
    client: Arc<Client>,
    redirect: VerifiedRedirect,
    request: AuthorizationRequest,
    session: Option<SessionId>,
    so_far: Progressed,
) -> Result<Progress, ServiceError> {
    let signed_in = sessions::live(app, session).await?;
    let remembered = match &signed_in {
        Some((_, user)) if wants_consent(&request, &client) => remembered_consent(app, user, &client).await?,
        _ => None,
    };
    let situation = Situation {
        request: &request,
        client: &client,
        redirect: &redirect,
        signed_in: signed_in.as_ref().map(|(session, user)| (session, user)),
        consent: remembered.as_ref(),
        just_allowed: so_far.just_allowed,
        asked_at: so_far.asked_at,
        chosen: so_far.chosen,
        now: app.clock.now(),
    };
    let mode = request.response_mode;
    match (next_step(&situation), signed_in) {
        (Ok(Step::Done), Some((session, _))) => {
            let code = issue_code(app, &request, &redirect, &session).await?;
            let response =
                AuthorizationResponse::code(redirect, mode, code.reveal(), request.state.as_deref(), &app.issuer);
            Ok(answer(client, response))
        }
        (Ok(step), signed_in) => Ok(Progress::Ask(Box::new(Ask { step, request, client, redirect, signed_in }))),
        (Err(refusal), _) => Ok(answer(client, refuse_to(app, redirect, mode, request.state.as_deref(), &refusal))),
    }
}

async fn remembered_consent(app: &App, user: &User, client: &Client) -> Result<Option<Consent>, ServiceError> {
    Ok(app.store.read(async |conn| consents::find(conn, user.id, &client.id).await).await?)
}

/// Stores what was allowed and the code that stands for it, together.
async fn issue_code(
    app: &App,
    request: &AuthorizationRequest,
    redirect: &VerifiedRedirect,
    session: &Session,
) -> Result<Secret, ServiceError> {
    let now = app.clock.now();
    let lifetimes = &app.settings.lifetimes;
    let offline = request.scope.contains("offline_access");
    let limit = now.after(lifetimes.refresh_token_absolute);
    let granted = Grant {
        id: GrantId::generate(&app.random, now),
        client: request.client.clone(),
        user: session.user,
        session: Some(session.id),
        offline,
        scope: request.scope.clone(),
        claims: request.claims.clone(),
        authenticated_at: session.authenticated_at,
        methods: session.methods.clone(),
        acr: Some(ACR_PASSWORD.to_owned()),
        created_at: now,
        expires_at: if offline { limit } else { limit.min(session.expires_at) },
        revoked_at: None,
    };
    let secret = Secret::generate(&app.random);
    let code = AuthorizationCode {
        hash: secret.hash(),
        grant: granted.id,
        client: request.client.clone(),
        redirect_uri: redirect.as_str().to_owned(),
        challenge: request.challenge.clone(),
        nonce: request.nonce.clone(),
        created_at: now,
        expires_at: now.after(lifetimes.authorization_code),
        used_at: None,
    };
    app.store
        .transaction(async |tx| {
            grant::insert(tx, &granted).await?;
            authorization_code::insert(tx, &code).await
        })
        .await?;
    Ok(secret)
}

fn refuse_to(
    app: &App,
    redirect: VerifiedRedirect,
    mode: ResponseMode,
    state: Option<&str>,
    refusal: &Refusal,
) -> AuthorizationResponse {
    tracing::info!(error = refusal.code.as_str(), description = refusal.description, detail = %refusal.detail,
        redirect_uri = redirect.as_str(), "authorization request refused");
    AuthorizationResponse::error(redirect, mode, refusal, state, &app.issuer)
}

fn answer(client: Arc<Client>, response: AuthorizationResponse) -> Progress {
    Progress::Respond(Box::new(Answer { client, response }))
}
