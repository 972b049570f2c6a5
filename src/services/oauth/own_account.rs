//! Who calls the API of one's own account: a person, through an application of whoever runs this server, by an access token.
//! What a call may do is said by the type that it gets, and each is made of a token that was checked for it.

use std::sync::Arc;

use crate::app::App;
use crate::domain::access::actor::{Actor, Origin};
use crate::domain::account::user::User;
use crate::domain::oauth::client::Client;
use crate::domain::oauth::error::{ErrorCode, Refusal};
use crate::domain::oauth::grant::GrantState;
use crate::domain::oauth::token::own_account::{Access, StepUp, check};
use crate::domain::operation::audit_event::Action;
use crate::domain::sign_in::session::Session;
use crate::foundation::id::SessionId;
use crate::services::ServiceError;
use crate::services::oauth::{access_token, client};
use crate::services::operation::events;
use crate::services::sign_in::own_page::FreshSession;

/// Whoever may read.
pub struct Reader {
    /// The person.
    pub user: User,
    /// The session that the token was issued in, as far as it is known.
    pub session: Option<SessionId>,
}

/// Whoever may change what is easily changed again.
pub struct Author {
    /// The person, in the session that the token was issued in, at work in the application.
    pub by: Actor,
    /// The same person.
    pub user: User,
    /// The same session, which still lasts.
    pub session: Session,
}

/// Whoever may change what would take the account away from its person.
pub struct Owner {
    /// The person, as above.
    pub by: Actor,
    /// The session, with the proof that its person has just proved who they are.
    pub fresh: FreshSession,
}

/// What came of a token: whoever holds it, or what their sign-in lacks.
pub type Admitted<W> = Result<Result<W, StepUp>, ServiceError>;

/// The holder of `token` reads.
///
/// # Errors
/// `invalid_token`, or `insufficient_scope` when it was not given for that.
pub async fn reader(app: &App, from: &Origin, token: &str) -> Admitted<Reader> {
    Ok(hold(app, from, token, Access::Read).await?.map(|(state, _)| {
        let session = state.session.map(|session| session.id);
        Reader { user: state.user, session }
    }))
}

/// The holder of `token` changes something.
///
/// # Errors
/// As [`reader`].
pub async fn author(app: &App, from: &Origin, token: &str) -> Admitted<Author> {
    match hold(app, from, token, Access::Change).await? {
        Ok((state, client)) => acting(state, &client, from).map(Ok),
        Err(missing) => Ok(Err(missing)),
    }
}

/// The holder of `token` changes something sensitive.
///
/// # Errors
/// As [`reader`].
pub async fn owner(app: &App, from: &Origin, token: &str) -> Admitted<Owner> {
    let Author { by, user, session } = match hold(app, from, token, Access::Sensitive).await? {
        Ok((state, client)) => acting(state, &client, from)?,
        Err(missing) => return Ok(Err(missing)),
    };
    // The rule has looked at the age; that the session is in use, too, is the pages' own rule.
    Ok(match FreshSession::prove(app, &session, &user) {
        Some(fresh) => Ok(Owner { by, fresh }),
        None => Err(StepUp { max_age: None, acr: None, why: "The sign-in that this token was issued for has ended." }),
    })
}

fn acting(state: GrantState, client: &Client, from: &Origin) -> Result<Author, ServiceError> {
    let GrantState { user, session: Some(session), .. } = state else {
        return Err(ServiceError::internal("a session was judged to last that is not there"));
    };
    let by = Actor::nobody(from.clone()).signed_in(user.id, session.id).for_client(&client.id);
    Ok(Author { by, user, session })
}

async fn hold(
    app: &App,
    from: &Origin,
    token: &str,
    access: Access,
) -> Result<Result<(GrantState, Arc<Client>), StepUp>, ServiceError> {
    let held = checked(app, token, access).await;
    if let Err(ServiceError::Protocol(_)) = &held {
        events::count_refused(app, Action::TokenRefused, None, from.address);
    }
    let (state, client) = held?;
    let judged = check(access, &state, &client, &app.settings.factors, app.clock.now());
    Ok(judged.map(|()| (state, client)))
}

/// The token holds, and was given to an application of ours for this.
async fn checked(app: &App, token: &str, access: Access) -> Result<(GrantState, Arc<Client>), ServiceError> {
    let live = access_token::check(app, token).await?;
    live.check_audience(app)?;
    let lacking = |description: &'static str| {
        let refusal = Refusal::new(ErrorCode::InsufficientScope, description).with("scope", &live.claims.scope);
        ServiceError::from(refusal).asked_by(&live.claims.client_id)
    };
    // A token of a machine is nobody's.
    let Some(state) = live.grant.filter(|_| live.claims.scope.contains(access.scope())) else {
        return Err(lacking(match access {
            Access::Read => "The access token lacks the scope account.",
            Access::Change | Access::Sensitive => "The access token lacks the scope account:write.",
        }));
    };
    // It may have been one of ours when the token was issued.
    match client::find(app, &live.claims.client_id).await?.filter(|client| client.metadata.first_party) {
        Some(client) => Ok((state, client)),
        None => Err(lacking("Only applications of whoever runs this server are served here.")),
    }
}
