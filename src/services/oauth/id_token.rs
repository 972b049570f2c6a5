//! Makes ID tokens: for the token endpoint and for the authorization endpoint, in the one way.

use crate::app::App;
use crate::crypto::digest::half_hash;
use crate::domain::account::user::User;
use crate::domain::oauth::client::Client;
use crate::domain::oauth::grant::Grant;
use crate::domain::oauth::token::claims::in_id_token;
use crate::domain::oauth::token::id_token::{self, Beside, Hashes, IdToken};
use crate::domain::oauth::token::scope::Scope;
use crate::foundation::Timestamp;
use crate::services::ServiceError;
use crate::services::oauth::recipient::Recipient;

/// What an ID token is about, and what is given together with it.
pub struct About<'a> {
    /// For whom it is.
    pub client: &'a Client,
    /// What was allowed.
    pub grant: &'a Grant,
    /// By whom.
    pub user: &'a User,
    /// What was granted this time, whose claims are in it where the client reads them nowhere else.
    pub scope: &'a Scope,
    /// Whether no access token is ever given with it, so that userinfo cannot be asked (OpenID Connect Core §5.4).
    pub alone: bool,
    /// From the authorization request.
    pub nonce: Option<String>,
    /// The access token beside it.
    pub access_token: Option<&'a str>,
    /// The code beside it.
    pub code: Option<&'a str>,
}

/// Makes one, signed, and encrypted, as its client is registered.
///
/// # Errors
/// When there is no key for that, or the client's are not to be had.
pub async fn make(app: &App, about: About<'_>, now: Timestamp) -> Result<String, ServiceError> {
    let About { client, grant, user, scope, alone, nonce, access_token, code } = about;
    let algorithm = client.metadata.id_token_signed_response_alg;
    let none = Scope::empty();
    let scope = if alone || client.metadata.id_token_claims { scope } else { &none };
    let claims = in_id_token(user, scope, &grant.claims, &app.settings.claims);
    let hash = |text: &str| half_hash(algorithm, text);
    let hashes = Hashes { access_token: access_token.map(hash), code: code.map(hash) };
    let lifetime = app.settings.token_lifetimes(client).id_token;
    let sid = |session| app.subjects.sid(session, grant.pairwise_sub.as_ref());
    let sid = grant.session.map(sid).transpose()?;
    let beside = Beside { sid, nonce, hashes, user: claims };
    let token = IdToken::new(&app.issuer, grant, beside, lifetime, now);
    let signed = app.keys.current().signer(algorithm)?.sign(id_token::TYPE, &token)?;
    let recipient = Recipient::of(app, client, client.metadata.encryption.id_token()).await?;
    Recipient::sealed(recipient.as_ref(), signed)
}
