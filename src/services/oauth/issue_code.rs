//! Makes what an authorization request is answered with when its user has allowed it: a grant, and the code and the tokens that
//! stand for it.

use std::time::Duration;

use crate::app::App;
use crate::domain::account::user::User;
use crate::domain::factor::class::class_of;
use crate::domain::oauth::authorize::pushed::Pushed;
use crate::domain::oauth::authorize::request::AuthorizationRequest;
use crate::domain::oauth::authorize::response_type::ResponseType;
use crate::domain::oauth::client::redirect::VerifiedRedirect;
use crate::domain::oauth::client::{Client, TokenFormat};
use crate::domain::oauth::grant::Grant;
use crate::domain::oauth::grant::authorization_code::AuthorizationCode;
use crate::domain::oauth::token::access_token::Claims;
use crate::domain::oauth::token::subject::Naming;
use crate::domain::oauth::token::target::Wanted;
use crate::domain::sign_in::decision::acr_for;
use crate::domain::sign_in::session::Session;
use crate::foundation::{Secret, SecretHash, Timestamp, id::GrantId};
use crate::services::ServiceError;
use crate::services::oauth::id_token::{self, About};
use crate::services::oauth::token::issue;
use crate::storage::oauth::{access_token, grant, pushed_request};
use crate::storage::{Conn, StoreError, Writes};

/// How long an access token lives at most that has come through a browser: long enough to ask userinfo.
const IN_BROWSER: Duration = Duration::from_secs(300);

/// A grant and what stands for it, before it is stored.
pub struct NewGrant {
    granted: Grant,
    response_type: ResponseType,
    nonce: Option<String>,
    pushed: Option<Pushed>,
    /// What the token endpoint takes.
    code: Option<(Secret, AuthorizationCode)>,
    /// What the access token in the answer says, and what it is if it is opaque.
    access: Option<(Claims, Option<Secret>)>,
}

impl NewGrant {
    /// What `request` is answered with, allowed by the user of `session`; `naming` is how its client knows people.
    pub fn new(
        app: &App,
        (client, naming): (&Client, &Naming<'_>),
        request: &AuthorizationRequest,
        redirect: &VerifiedRedirect,
        session: &Session,
    ) -> Self {
        let now = app.clock.now();
        let lifetimes = app.settings.token_lifetimes(client);
        let offline = request.scope.contains("offline_access");
        let limit = now.after(lifetimes.refresh_token_absolute);
        let granted = Grant {
            id: GrantId::generate(&app.random, now),
            client: request.client.clone(),
            user: session.user,
            pairwise_sub: naming.pairwise(session.user),
            session: Some(session.id),
            offline,
            scope: request.scope.clone(),
            resources: request.resources.clone(),
            claims: request.claims.clone(),
            authenticated_at: session.authenticated_at,
            methods: session.proofs.amr(),
            // The decision has refused what cannot be told.
            acr: class_of(&session.proofs)
                .and_then(|reached| acr_for(request, reached).ok())
                .map(|class| class.as_str().to_owned()),
            created_at: now,
            expires_at: if offline { limit } else { limit.min(session.expires_at) },
            revoked_at: None,
        };
        let asked = request.response_type;
        let code = asked.code().then(|| {
            let secret = Secret::generate(&app.random);
            let code = AuthorizationCode {
                hash: secret.hash(),
                grant: granted.id,
                client: request.client.clone(),
                redirect_uri: redirect.as_str().to_owned(),
                challenge: request.challenge.clone(),
                nonce: request.nonce.clone(),
                created_at: now,
                expires_at: now.after(app.settings.lifetimes.authorization_code),
                used_at: None,
                made_by: Some(app.instance),
                used_by: None,
            };
            (secret, code)
        });
        let access = asked.token().then(|| {
            let wanted = Wanted::all_of(&granted.resources);
            let usual = lifetimes.access_token.min(IN_BROWSER);
            let target = app.targets(client).token(&wanted, &granted.scope, usual);
            let opaque = target.format == TokenFormat::Opaque;
            let claims = Claims::for_user(&app.issuer, client, &granted, target, now, &app.random);
            (claims, opaque.then(|| Secret::generate(&app.random)))
        });
        // Only a token here needs it: that of the code is kept with the code.
        let nonce = request.nonce.clone().filter(|_| asked.id_token());
        Self { granted, response_type: asked, nonce, pushed: request.pushed, code, access }
    }

    /// Whether [`Self::store`] takes more than one statement.
    pub fn writes(&self) -> Writes {
        let has_row = self.access.as_ref().is_some_and(|(_, opaque)| opaque.is_some());
        if self.pushed.is_some() || has_row { Writes::Together } else { Writes::Once }
    }

    /// Stores all of it, as the answer that the request had in `flow`. Where the request was pushed, it is used up; `false` when
    /// it was answered before, and nothing is stored.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn store(&self, tx: &mut Conn, flow: Option<&SecretHash>) -> Result<bool, StoreError> {
        let now = self.granted.created_at;
        if let Some(pushed) = &self.pushed {
            let own = flow.copied().unwrap_or_else(|| SecretHash::of(&self.granted.id.to_string()));
            let taken = pushed_request::take(tx, &pushed.hash, &own).await?;
            // Once no browser can bring it any more, it may be forgotten.
            if !taken && now < pushed.until {
                return Ok(false);
            }
        }
        match &self.code {
            Some((_, code)) => grant::insert_with_code(tx, &self.granted, code).await?,
            None => grant::insert(tx, &self.granted).await?,
        }
        if let Some((claims, Some(token))) = &self.access {
            access_token::insert(tx, &token.hash(), claims, now, Timestamp::from_secs(claims.exp)).await?;
        }
        Ok(true)
    }

    /// What the client is given, once it is stored: the parameters of the answer (RFC 6749 §4.1.2, §4.2.2, OpenID Connect Core
    /// §3.2.2.5, §3.3.2.5).
    ///
    /// # Errors
    /// When a token cannot be signed.
    pub async fn given(
        self,
        app: &App,
        client: &Client,
        user: &User,
    ) -> Result<Vec<(&'static str, String)>, ServiceError> {
        let code = self.code.map(|(secret, _)| secret.reveal());
        let mut given: Vec<_> = code.iter().map(|code| ("code", code.clone())).collect();
        let mut access_token = None;
        if let Some((claims, opaque)) = self.access {
            let token = match opaque {
                Some(token) => token.reveal(),
                None => issue::sign(app, client, &claims)?,
            };
            given.push(("access_token", token.clone()));
            given.push(("token_type", "Bearer".to_owned()));
            given.push(("expires_in", claims.exp.saturating_sub(claims.iat).to_string()));
            given.push(("scope", claims.scope.to_string()));
            access_token = Some(token);
        }
        if self.response_type.id_token() {
            let about = About {
                client,
                grant: &self.granted,
                user,
                scope: &self.granted.scope,
                alone: self.response_type == ResponseType::IdToken,
                nonce: self.nonce,
                access_token: access_token.as_deref(),
                code: code.as_deref(),
            };
            given.push(("id_token", id_token::make(app, about, self.granted.created_at).await?));
        }
        Ok(given)
    }
}
