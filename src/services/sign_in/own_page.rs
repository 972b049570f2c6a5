//! Pages of ours that are only for whoever is signed in.

use super::progress::{Ask, Goal, Progress};
use super::session;
use crate::app::App;
use crate::domain::account::user::User;
use crate::domain::sign_in::decision::Step;
use crate::domain::sign_in::destination::OwnPage;
use crate::domain::sign_in::session::Session;
use crate::services::ServiceError;

/// Whether `page` opens for whoever was found behind the browser's cookie, or what they have to do first.
///
/// # Errors
/// When the database does not answer.
pub async fn decide(
    app: &App,
    page: OwnPage,
    found: Option<(Session, User)>,
) -> Result<Result<(Session, User), Progress>, ServiceError> {
    let signed_in = session::live(app, found).await?;
    match signed_in {
        Some((session, user)) if page.admits(&session, app.clock.now()) => Ok(Ok((session, user))),
        signed_in => Ok(Err(Progress::Ask(Box::new(Ask { step: Step::SignIn, goal: Goal::Page(page), signed_in })))),
    }
}

/// Whoever does not want to sign in for `page` goes to their overview if they are signed in, and away otherwise.
pub(super) fn leave(signed_in: Option<(Session, User)>) -> Progress {
    match signed_in {
        Some(_) => Progress::Visit(OwnPage::Account),
        None => Progress::Leave,
    }
}

/// A live session whose user has just proved who they are. Holding one is the proof: what is hard to undo demands it.
pub struct FreshSession {
    session: Session,
    user: User,
}

impl FreshSession {
    /// The proof, if it is so.
    pub fn prove(app: &App, session: &Session, user: &User) -> Option<Self> {
        let now = app.clock.now();
        let holds = session.user == user.id && session.is_live(now, app.settings.lifetimes.session_idle);
        (holds && session.is_fresh(now)).then(|| Self { session: session.clone(), user: user.clone() })
    }

    /// The session.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Its user.
    pub fn user(&self) -> &User {
        &self.user
    }
}
