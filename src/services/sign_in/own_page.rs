//! Pages of ours that are only for whoever is signed in.

use super::accounts::{Accounts, live_of};
use super::pending_sign_in::HalfSignIn;
use super::progress::{Ask, Goal, Progress};
use super::session;
use crate::app::App;
use crate::domain::account::user::User;
use crate::domain::factor::class::class_of;
use crate::domain::factor::policy::Demand;
use crate::domain::sign_in::decision::Step;
use crate::domain::sign_in::destination::OwnPage;
use crate::domain::sign_in::session::Session;
use crate::services::ServiceError;
use crate::storage::account::user;
use crate::storage::factor::second_factor;
use crate::storage::sign_in::session as stored;
use crate::storage::{Conn, StoreError};

/// Whether `page` opens for whoever was found behind the browser's cookie, or what they have to do first.
///
/// # Errors
/// When the database does not answer.
pub async fn decide(
    app: &App,
    page: OwnPage,
    accounts: Accounts,
    half: Option<HalfSignIn>,
) -> Result<Result<(Session, User), Progress>, ServiceError> {
    let Accounts { current, others } = accounts;
    let (signed_in, now) = (session::live(app, current).await?, app.clock.now());
    let step = match (&half, &signed_in) {
        (Some(half), _) if half.user.second_factor => Step::SecondFactor,
        (Some(_), _) => Step::AddFactor,
        // Whoever is signed in already, it is for somebody else.
        (None, _) if page == OwnPage::AddAccount => Step::SignIn,
        (None, Some((session, user))) if page.admits(session, now) => step_beyond(app, page, session, user)?,
        (None, Some(_)) => Step::SignIn,
        // Nobody takes the place of whoever was current without being asked.
        (None, None) if !live_of(app, &others).await?.is_empty() => Step::ChooseAccount,
        (None, None) => Step::SignIn,
    };
    match signed_in {
        Some(found) if step == Step::Done => Ok(Ok(found)),
        signed_in => Ok(Err(Progress::Ask(Box::new(Ask { step, goal: Goal::Page(page), signed_in, half })))),
    }
}

/// What a live session lacks for a page of ours: a password alone is not enough for whoever has a second factor, and a
/// remembered browser is not where the account could be taken away from its owner.
fn step_beyond(app: &App, page: OwnPage, session: &Session, user: &User) -> Result<Step, ServiceError> {
    let Some(reached) = class_of(&session.proofs) else { return Ok(Step::SignIn) };
    let remembered = session.proofs.stand_in().is_some() && !page.demands_fresh_proof();
    let now = app.clock.now();
    Ok(match app.settings.factors.missing(user, None, reached, remembered, now)? {
        Demand::Nothing if user.delete_at.is_some() => Step::KeepAccount,
        Demand::Nothing => Step::Done,
        Demand::Factor => Step::SecondFactor,
        // As for applications: what is added needs a fresh proof.
        Demand::NewFactor if !session.is_fresh(now) => Step::SignIn,
        Demand::NewFactor => Step::AddFactor,
    })
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

    /// Makes whoever would end the session, or change the account, wait for the end of this transaction, which must have
    /// changed nothing so far. `false` when either has been done since this was proved: then the proof holds no more.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn hold(&self, tx: &mut Conn) -> Result<bool, StoreError> {
        second_factor::lock(tx, self.user.id).await?;
        Ok(user::is_unchanged(tx, &self.user).await? && stored::hold(tx, self.session.id).await?)
    }
}
