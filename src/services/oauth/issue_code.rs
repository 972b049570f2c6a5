//! Makes the authorization code, and the grant behind it, when a user has allowed a request.

use crate::app::App;
use crate::domain::factor::class::class_of;
use crate::domain::oauth::authorize::pushed::Pushed;
use crate::domain::oauth::authorize::request::AuthorizationRequest;
use crate::domain::oauth::client::Client;
use crate::domain::oauth::client::redirect::VerifiedRedirect;
use crate::domain::oauth::grant::Grant;
use crate::domain::oauth::grant::authorization_code::AuthorizationCode;
use crate::domain::sign_in::decision::acr_for;
use crate::domain::sign_in::session::Session;
use crate::foundation::{Secret, SecretHash, id::GrantId};
use crate::storage::oauth::{grant, pushed_request};
use crate::storage::{Conn, StoreError, Writes};

/// A grant and the code that stands for it, before they are stored.
pub struct NewCode {
    /// What the client is given.
    pub secret: Secret,
    granted: Grant,
    code: AuthorizationCode,
    pushed: Option<Pushed>,
}

impl NewCode {
    /// The grant and the code for `request`, allowed by the user of `session`.
    pub fn new(
        app: &App,
        client: &Client,
        request: &AuthorizationRequest,
        redirect: &VerifiedRedirect,
        session: &Session,
    ) -> Self {
        let now = app.clock.now();
        let lifetimes = &app.settings.lifetimes;
        let offline = request.scope.contains("offline_access");
        let limit = now.after(app.settings.token_lifetimes(client).refresh_token_absolute);
        let granted = Grant {
            id: GrantId::generate(&app.random, now),
            client: request.client.clone(),
            user: session.user,
            session: Some(session.id),
            offline,
            scope: request.scope.clone(),
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
            made_by: Some(app.instance),
            used_by: None,
        };
        Self { secret, granted, code, pushed: request.pushed }
    }

    /// Whether [`Self::store`] takes more than one statement.
    pub fn writes(&self) -> Writes {
        if self.pushed.is_none() { Writes::Once } else { Writes::Together }
    }

    /// Stores both, as the answer that the request had in `flow`. Where the request was pushed, it is used up; `false` when it
    /// was answered before, and nothing is stored.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn store(&self, tx: &mut Conn, flow: Option<&SecretHash>) -> Result<bool, StoreError> {
        if let Some(pushed) = &self.pushed {
            let taken = pushed_request::take(tx, &pushed.hash, flow.unwrap_or(&self.code.hash)).await?;
            // Once no browser can bring it any more, it may be forgotten.
            if !taken && self.code.created_at < pushed.until {
                return Ok(false);
            }
        }
        grant::insert_with_code(tx, &self.granted, &self.code).await?;
        Ok(true)
    }
}
