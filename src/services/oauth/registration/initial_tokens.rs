//! Tokens by which an operator lets others register applications.

use std::time::Duration;

use crate::app::App;
use crate::crypto::machine_secret::{self, Kind};
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::ManageClients;
use crate::domain::oauth::client::initial_access_token::InitialAccessToken;
use crate::domain::oauth::client::registration_error::RegistrationError;
use crate::domain::operation::audit_event::{Action, Change, Public, Target};
use crate::foundation::id::InitialTokenId;
use crate::foundation::{SecretString, text};
use crate::services::ServiceError;
use crate::services::operation::events::event;
use crate::storage::oauth::initial_access_token;
use crate::storage::operation::audit_event;

/// What a new token is to be.
#[derive(Debug)]
pub struct NewToken {
    /// Whom or what for.
    pub name: String,
    /// How many applications it can register.
    pub uses: u32,
    /// How long it lives.
    pub lifetime: Duration,
}

/// Makes a token, which is shown this once.
///
/// # Errors
/// A refusal when the name cannot be shown.
pub async fn create_token(
    app: &App,
    by: &Actor,
    new: NewToken,
) -> Result<(InitialAccessToken, SecretString), ServiceError> {
    let may = by.may(ManageClients)?;
    let NewToken { name, uses, lifetime } = new;
    let (name, most) = (name.trim().to_owned(), InitialAccessToken::NAME_MAX);
    if name.is_empty() || name.chars().count() > most || text::in_path(&name).is_some() {
        return Err(RegistrationError::Name { name, most }.into());
    }
    let now = app.clock.now();
    let (secret, hash) = machine_secret::generate(Kind::InitialAccess, &app.random);
    let token = InitialAccessToken {
        id: InitialTokenId::generate(&app.random, now),
        name,
        uses_left: i64::from(uses.clamp(1, InitialAccessToken::MOST_USES)),
        used: 0,
        created_at: now,
        expires_at: now.after(lifetime.min(InitialAccessToken::LONGEST)),
    };
    let made = event(app, &may, Action::InitialAccessTokenCreated).about(Target::initial_access_token(token.id));
    let made = made.changed(Change::of("name", &Public(None), &Public(Some(&token.name))));
    app.store
        .transaction("create_initial_token", async |tx| {
            initial_access_token::insert(tx, &token, &hash).await?;
            audit_event::insert(tx, &made).await
        })
        .await?;
    tracing::info!("initial access token created");
    Ok((token, secret))
}

/// Every token that has not expired, those that end last before the others.
///
/// # Errors
/// When the database does not answer.
pub async fn tokens(app: &App) -> Result<Vec<InitialAccessToken>, ServiceError> {
    let now = app.clock.now();
    Ok(app.store.read("list_initial_tokens", async |conn| initial_access_token::live(conn, now).await).await?)
}

/// Ends a token. The applications that it has registered stay.
///
/// # Errors
/// A refusal when there is none with this id.
pub async fn revoke_token(app: &App, by: &Actor, id: InitialTokenId) -> Result<(), ServiceError> {
    let may = by.may(ManageClients)?;
    let ended = event(app, &may, Action::InitialAccessTokenRevoked).about(Target::initial_access_token(id));
    let done = app
        .store
        .transaction("revoke_initial_token", async |tx| {
            let done = initial_access_token::delete(tx, id).await?;
            audit_event::insert_if(tx, done, &ended).await
        })
        .await?;
    match done {
        true => Ok(()),
        false => Err(RegistrationError::TokenUnknown { id }.into()),
    }
}
