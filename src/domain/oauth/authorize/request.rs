//! What an authorization request asks for (RFC 6749 §4.1.1, OpenID Connect Core §3.1.2.1).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::pkce::{self, CodeChallenge};
use super::pushed::Pushed;
use super::response_mode::ResponseMode;
use super::response_type::ResponseType;
use super::response_type_rules::{asked_for, bound, permit};
use crate::domain::oauth::client::redirect::VerifiedRedirect;
use crate::domain::oauth::client::{Client, ClientId, GrantType};
use crate::domain::oauth::error::{ErrorCode, Kind, Refusal};
use crate::domain::oauth::params::Params;
use crate::domain::oauth::profile::{Legacy, Rules};
use crate::domain::oauth::state_machine::authorization::{self, Machine, OxideAuth, Refused};
use crate::domain::oauth::token::claims::ClaimsRequest;
use crate::domain::oauth::token::scope::{Scope, malformed};
use crate::domain::oauth::token::target::Targets;

/// A request whose every parameter was checked. Stored while its user signs in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationRequest {
    /// The client that asks.
    pub client: ClientId,
    /// Where the answer goes; proven again whenever the stored request is continued.
    pub redirect_uri: String,
    /// What the answer is to be.
    #[serde(default)]
    pub response_type: ResponseType,
    /// How the answer travels.
    pub response_mode: ResponseMode,
    /// Returned byte for byte.
    pub state: Option<String>,
    /// Everything asked for that the client may have.
    pub scope: Scope,
    /// The APIs that it is asked for (RFC 8707); none: what the client is registered for.
    #[serde(default)]
    pub resources: Vec<String>,
    /// Returned in the ID token.
    pub nonce: Option<String>,
    /// PKCE.
    pub challenge: Option<CodeChallenge>,
    /// What the user must be asked, or must not.
    pub prompt: BTreeSet<Prompt>,
    /// How long ago, in seconds, the user may have signed in at most.
    pub max_age: Option<u64>,
    /// To prefill the login page.
    pub login_hint: Option<String>,
    /// The upstream provider that its user is sent to at once, if it is offered.
    #[serde(default)]
    pub idp_hint: Option<String>,
    /// The languages that the pages are wanted in, as sent.
    #[serde(default)]
    pub ui_locales: Option<String>,
    /// The `sub` that must be signed in: from a verified id_token_hint, or demanded through `claims`.
    pub subject: Option<String>,
    /// Single claims that were asked for.
    pub claims: ClaimsRequest,
    /// Where it came from, if its client pushed it.
    #[serde(default)]
    pub pushed: Option<Pushed>,
}

/// What the user must be asked (OpenID Connect Core §3.1.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prompt {
    /// Nothing: no page may be shown.
    None,
    /// Their password, again.
    Login,
    /// Their consent, again.
    Consent,
    /// Which account.
    SelectAccount,
    /// To make an account (Initiating User Registration via OpenID Connect 1.0 §4).
    Create,
}

impl Prompt {
    /// Every value that exists here.
    pub const ALL: [Self; 5] = [Self::None, Self::Login, Self::Consent, Self::SelectAccount, Self::Create];

    /// Its name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Login => "login",
            Self::Consent => "consent",
            Self::SelectAccount => "select_account",
            Self::Create => "create",
        }
    }
}

/// The `client_id` of a request, to look the client up with.
///
/// # Errors
/// Shown on a page: nothing is proven yet.
pub fn client_id(params: &Params) -> Result<ClientId, Refusal> {
    if params.is_repeated("client_id") || params.is_repeated("redirect_uri") {
        let description = "client_id or redirect_uri was sent more than once.";
        return Err(Refusal::new(ErrorCode::InvalidRequest, description));
    }
    params.require("client_id", "The client_id is missing.").map(ClientId::new)
}

/// Proves the client and its redirect URI: until then every error is a page (RFC 6749 §4.1.2.1).
///
/// # Errors
/// Shown on a page.
pub fn prove(
    client: Option<&Client>,
    id: &ClientId,
    params: &Params,
    rules: Rules,
) -> Result<VerifiedRedirect, Refusal> {
    let unusable = |kind, why| {
        Err(Refusal::new(ErrorCode::InvalidClient, "The client_id is unknown.")
            .of(kind)
            .with("client_id", id)
            .with("because", why))
    };
    let Some(client) = client else {
        return unusable(Kind::ClientUnknown, "there is no client with this id");
    };
    if !client.enabled {
        return unusable(Kind::ClientDisabled, "the client is disabled");
    }
    VerifiedRedirect::prove(client, params.get("redirect_uri"), rules)
}

/// How an error is to travel, read as well as the request allows: an unusable mode is as if it were not there. What was to
/// bring tokens is never answered in the query (OAuth 2.0 Multiple Response Types §5).
pub fn response_mode(params: &Params) -> ResponseMode {
    let words = params.get("response_type").unwrap_or_default();
    let tokens = words.split(' ').any(|word| matches!(word, "id_token" | "token"));
    let usual = if tokens { ResponseMode::Fragment } else { ResponseMode::Query };
    let Some(asked) = params.get("response_mode").and_then(|text| ResponseMode::parse(text, usual)) else {
        return usual;
    };
    match asked {
        ResponseMode::Query if tokens => ResponseMode::Fragment,
        ResponseMode::QueryJwt if tokens => ResponseMode::FragmentJwt,
        asked => asked,
    }
}

/// Checks everything else. `hinted` is the result of reading the id_token_hint: the `sub` of a token that we had signed
/// for this client. oxide-auth checks PKCE and the grammar of the scope; `rules` are the server's, `targets` the APIs that there are.
///
/// # Errors
/// Sent to the client, at its proven redirect URI.
pub fn check(
    params: &Params,
    targets: Targets<'_>,
    redirect: &VerifiedRedirect,
    hinted: Option<Result<String, Refusal>>,
    rules: Rules,
) -> Result<AuthorizationRequest, Refusal> {
    check_by::<OxideAuth>(params, targets, redirect, hinted, rules)
}

fn check_by<M: Machine>(
    params: &Params,
    targets: Targets<'_>,
    redirect: &VerifiedRedirect,
    hinted: Option<Result<String, Refusal>>,
    rules: Rules,
) -> Result<AuthorizationRequest, Refusal> {
    let client = targets.client;
    params.once()?;
    unsupported(params)?;
    let response_type = asked_for(params)?;
    permit(response_type, client, rules)?;
    let (scope, challenge) = accepted::<M>(params, client, redirect, response_type, rules)?;
    let (resources, scope) = targets.of_request(params, scope)?;
    bound(response_type, params.get("nonce"), scope.contains("openid"))?;
    let claims = params.get("claims").map(ClaimsRequest::parse).transpose()?.unwrap_or_default();
    let classes = params.get("acr_values").map_or_else(|| client.metadata.defaults.acr_values(), str::to_owned);
    let claims = claims.with_acr_values(&classes);
    Ok(AuthorizationRequest {
        client: client.id.clone(),
        redirect_uri: redirect.as_str().to_owned(),
        response_type,
        response_mode: strict_response_mode(params, response_type)?,
        state: bounded(params, "state", "state is too long.")?,
        nonce: bounded(params, "nonce", "nonce is too long.")?,
        prompt: prompt(params)?,
        max_age: max_age(params)?.or(client.metadata.defaults.default_max_age.map(u64::from)),
        login_hint: params.get("login_hint").filter(|hint| hint.len() <= 254).map(str::to_owned),
        idp_hint: idp_hint(params),
        ui_locales: params.get("ui_locales").filter(|tags| is_list_of_tags(tags)).map(str::to_owned),
        subject: subject(hinted.transpose()?, &claims)?,
        scope,
        resources,
        challenge,
        claims,
        pushed: None,
    })
}

/// The name of a provider. No standard has such a parameter: the second name is Keycloak's, for applications that come from there.
fn idp_hint(params: &Params) -> Option<String> {
    let hint = params.get("idp_hint").or_else(|| params.get("kc_idp_hint"))?;
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    (hint.len() <= 40 && hint.bytes().all(is_name)).then(|| hint.to_owned())
}

/// Whether it may be a list of language tags, and is short enough to travel in the URL of each page. Otherwise it is as if it
/// were not there: it never leads to an error (OpenID Connect Core §3.1.2.1).
fn is_list_of_tags(text: &str) -> bool {
    text.len() <= 100 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"- ".contains(&byte))
}

/// Checks a stored request again, since its client may have been changed: it may not get what it could not ask for now.
///
/// # Errors
/// Sent to the client, at its proven redirect URI.
pub fn check_again(
    request: AuthorizationRequest,
    targets: Targets<'_>,
    rules: Rules,
) -> Result<AuthorizationRequest, Refusal> {
    let client = targets.client;
    permit(request.response_type, client, rules)?;
    if needs_pkce(client, request.response_type, rules) && request.challenge.is_none() {
        return Err(demanded_by(pkce::required(), client, rules));
    }
    let scope = granted_scope(Some(request.scope), client, request.response_type)?;
    let (resources, scope) = targets.asked_again(request.resources, scope)?;
    bound(request.response_type, request.nonce.as_deref(), scope.contains("openid"))?;
    Ok(AuthorizationRequest { scope, resources, ..request })
}

/// Whether it has to use PKCE: a code that nobody has to prove anything for could be anybody's (RFC 7636 §1). Where there is a
/// secret, that the code is the one of this very sign-in is nothing that the secret proves (RFC 9700 §4.5).
fn needs_pkce(client: &Client, response_type: ResponseType, rules: Rules) -> bool {
    response_type.code() && (client.is_public() || !rules.have(Legacy::NoPkce))
}

/// Says of a missing challenge what demands it, where the client alone does not.
fn demanded_by(refusal: Refusal, client: &Client, rules: Rules) -> Refusal {
    match rules.excluded(Legacy::NoPkce) {
        Some(excluded) if refusal.kind == Kind::Pkce && !client.is_public() => {
            let description =
                "By its profile oauth-2.1 this server demands PKCE of every client: code_challenge is missing.";
            Refusal { description, ..refusal }.of(Kind::Profile).with("demanded by", excluded.by)
        }
        _ => refusal,
    }
}

/// Refuses what we do not support, each with its own error (OpenID Connect Core §3.1.2.6, §6).
fn unsupported(params: &Params) -> Result<(), Refusal> {
    let table = [
        ("request", ErrorCode::RequestNotSupported, "The request parameter is not supported."),
        ("request_uri", ErrorCode::RequestUriNotSupported, "The request_uri parameter is not supported."),
        ("registration", ErrorCode::RegistrationNotSupported, "The registration parameter is not supported."),
    ];
    match table.into_iter().find(|(name, ..)| params.get(name).is_some()) {
        Some((_, code, description)) => Err(Refusal::new(code, description)),
        None => Ok(()),
    }
}

/// Lets oxide-auth judge the request.
fn accepted<M: Machine>(
    params: &Params,
    client: &Client,
    redirect: &VerifiedRedirect,
    response_type: ResponseType,
    rules: Rules,
) -> Result<(Scope, Option<CodeChallenge>), Refusal> {
    let request = authorization::Request {
        client: client.id.as_str(),
        redirect_uri: redirect.as_str(),
        scope: Scope::asked_for(params)?,
        challenge: params.get("code_challenge"),
        challenge_method: params.get("code_challenge_method"),
        challenge_required: needs_pkce(client, response_type, rules),
    };
    let negotiate =
        |asked: Option<_>| granted_scope(asked.map(Scope::from_set), client, response_type).map(Scope::into_set);
    let accepted = authorization::run::<M, _>(&request, negotiate).map_err(|refused| match refused {
        Refused::Scope => malformed(),
        Refused::Challenge => demanded_by(pkce::why_no_challenge(params), client, rules),
        Refused::Malformed => Refusal::new(ErrorCode::InvalidRequest, "The request is malformed."),
    })??;
    Ok((Scope::from_set(accepted.scope), CodeChallenge::accepted(accepted.challenge, params)?))
}

/// The part of the requested scope that the client gets: without scopes that are unknown or not the client's (OpenID
/// Connect Core §3.1.2.1), and without offline_access if it may not use refresh tokens, or asks for no code that could bring one
/// (§11).
fn granted_scope(requested: Option<Scope>, client: &Client, response_type: ResponseType) -> Result<Scope, Refusal> {
    let Some(requested) = requested.filter(|scope| !scope.is_empty()) else {
        let description = "The scope is missing: OpenID Connect needs at least scope=openid.";
        return Err(Refusal::new(ErrorCode::InvalidScope, description));
    };
    let own_account = requested.of_own_account();
    if !own_account.is_empty() && !client.metadata.first_party {
        // Whatever it is registered for: it may have been before the scope was ours.
        let description = "Only applications of whoever runs this server may ask for a scope of the account itself.";
        return Err(Refusal::new(ErrorCode::InvalidScope, description).of(Kind::Scope).with("requested", own_account));
    }
    let granted = requested.intersection(&client.metadata.scope);
    // No person can give what is not theirs.
    let granted = granted.without(&granted.of_operation());
    let refreshes = client.allows(GrantType::RefreshToken) && response_type.code();
    let granted = granted.filter(|token| token != "offline_access" || refreshes);
    match granted.is_empty() {
        true => Err(Refusal::new(ErrorCode::InvalidScope, "This client may not ask for any of these scopes.")
            .of(Kind::Scope)
            .with("requested", &requested)
            .with("registered", &client.metadata.scope)),
        false => Ok(granted),
    }
}

/// Tokens never travel in the query (OAuth 2.0 Multiple Response Types §5), nor in a JWT there that is not encrypted (JARM §2.3.1).
fn strict_response_mode(params: &Params, response_type: ResponseType) -> Result<ResponseMode, Refusal> {
    let usual = response_type.usual_mode();
    let Some(text) = params.get("response_mode") else { return Ok(usual) };
    let refuse = |description| Err(Refusal::new(ErrorCode::InvalidRequest, description).with("response_mode", text));
    match ResponseMode::parse(text, usual) {
        None => refuse("This response_mode is not supported."),
        Some(mode) if mode.place() == ResponseMode::Query && response_type.has_tokens() => {
            refuse("Tokens do not travel in the query: use response_mode fragment or form_post.")
        }
        Some(mode) => Ok(mode),
    }
}

/// A parameter that is kept and returned as it is, if it is not too long and has no control characters.
fn bounded(params: &Params, name: &'static str, too_long: &'static str) -> Result<Option<String>, Refusal> {
    match params.get(name) {
        Some(value) if value.len() > 2048 => Err(Refusal::new(ErrorCode::InvalidRequest, too_long)),
        Some(value) if value.chars().any(char::is_control) => {
            Err(Refusal::new(ErrorCode::InvalidRequest, "A parameter has control characters.").with("parameter", name))
        }
        value => Ok(value.map(str::to_owned)),
    }
}

fn prompt(params: &Params) -> Result<BTreeSet<Prompt>, Refusal> {
    let Some(text) = params.get("prompt") else {
        return Ok(BTreeSet::new());
    };
    let refuse = |description| Refusal::new(ErrorCode::InvalidRequest, description).with("prompt", text);
    let words = text.split(' ').filter(|word| !word.is_empty());
    let known = words.map(|word| Prompt::ALL.into_iter().find(|prompt| prompt.as_str() == word));
    let prompts = known.collect::<Option<BTreeSet<_>>>().ok_or_else(|| refuse("This prompt is not supported."))?;
    match prompts.contains(&Prompt::None) && prompts.len() > 1 {
        true => Err(refuse("prompt=none cannot be combined with other values.")),
        false => Ok(prompts),
    }
}

fn max_age(params: &Params) -> Result<Option<u64>, Refusal> {
    let Some(text) = params.get("max_age") else {
        return Ok(None);
    };
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse::<u32>() {
        Ok(seconds) if digits => Ok(Some(u64::from(seconds))),
        _ => {
            Err(Refusal::new(ErrorCode::InvalidRequest, "max_age must be a whole number of seconds.")
                .with("max_age", text))
        }
    }
}

fn subject(hinted: Option<String>, claims: &ClaimsRequest) -> Result<Option<String>, Refusal> {
    match (hinted, claims.subject()) {
        (Some(hinted), Some(claimed)) if hinted != claimed => {
            Err(Refusal::new(ErrorCode::InvalidRequest, "id_token_hint and the claims parameter name different users."))
        }
        (Some(hinted), _) => Ok(Some(hinted)),
        (None, claimed) => Ok(claimed.map(str::to_owned)),
    }
}

#[cfg(test)]
#[path = "request_tests.rs"]
mod tests;
