//! What a proof leads to: a session and whatever it was wanted for; or, where more is due, half a sign-in.

use std::time::Duration;

use super::accounts::Selected;
use super::authorization_request::RequestKey;
use super::authorize::{SoFar, already_answered, answer, next, refuse_to, respond};
use super::browser_session::{self, Before, NewRecord};
use super::login_throttle::Attempt;
use super::pending_sign_in::HalfSignIn;
use super::progress::{Ask, ClientGoal, Goal, Progress};
use super::remembered_device::{self, NewDevice};
use super::session::{self, Begun};
use crate::app::{App, Switch};
use crate::domain::access::permission::{ActOnSelf, Allowed, SignIn};
use crate::domain::account::user::User;
use crate::domain::factor::class::{Class, class_of};
use crate::domain::factor::policy::Demand;
use crate::domain::factor::proof::Proofs;
use crate::domain::sign_in::decision::{self, Step};
use crate::domain::sign_in::pending_sign_in::{COMPLETE_WITHIN, MOST, PendingSignIn};
use crate::domain::sign_in::session::Session;
use crate::foundation::{Secret, SecretHash, Timestamp, id::SessionId};
use crate::mail::message::{Circumstances, Message};
use crate::services::ServiceError;
use crate::services::account::one_time_link::{self, Found};
use crate::services::account::tell::{self, Told};
use crate::services::factor::lost_factors;
use crate::services::factor::verify::Right;
use crate::services::oauth::issue_code::NewGrant;
use crate::services::operation::jobs;
use crate::storage::account::user;
use crate::storage::factor::second_factor;
use crate::storage::operation::audit_event;
use crate::storage::sign_in::{pending_sign_in, session as stored};
use crate::storage::{Conn, StoreError};

/// For how long nobody is told of new browsers of an account that was just made.
const NEW_ACCOUNT: Duration = Duration::from_secs(3600);

/// What a sign-in led to.
pub struct Entered {
    /// The session that it began, or that goes on.
    pub session: SessionId,
    /// What the browser's new cookie leads to; `None` where there is no browser.
    pub record: Option<NewRecord>,
    /// By which the browser is remembered from now on, if its person wanted that.
    pub remembered: Option<Secret>,
    /// Where the request stands now.
    pub progress: Progress,
}

/// Half a sign-in.
pub struct Halfway {
    /// For the browser's cookie.
    pub secret: Secret,
    /// What is due.
    pub progress: Progress,
}

/// What became of it.
pub enum Entry {
    /// Signed in.
    In(Box<Entered>),
    /// Something else is due first.
    Half(Box<Halfway>),
    /// The code was taken a moment ago, by another request.
    Used,
    /// The account was changed since it was read, or what the code was to complete has ended.
    Over,
}

/// Somebody has just proved who they are.
pub struct Proved {
    /// Who.
    pub user: User,
    /// By what, altogether.
    pub proofs: Proofs,
    /// The auth_time.
    pub at: Timestamp,
    /// The code or signature that is to be taken for it.
    pub second: Option<Second>,
    /// Whether the browser is to stay signed in when it is closed.
    pub stays: bool,
    /// Whether the browser has not been used for this account before, as far as its cookie tells.
    pub new_browser: bool,
    /// What was counted for it as a failure before it was seen to be none.
    pub counted: Attempt,
}

/// A code or signature that is taken in the transaction of the sign-in.
pub struct Second {
    /// What it is right for.
    pub right: Right,
    /// What it adds to.
    pub to: AddsTo,
    /// Whether the browser is to be remembered.
    pub remember: bool,
}

/// What a code or signature adds to.
#[derive(Clone, Copy)]
pub enum AddsTo {
    /// It completes this half of a sign-in.
    Half(SecretHash),
    /// It makes the session stronger that there is.
    Session,
    /// It signs in by itself.
    Nothing,
}

/// What the transaction came to.
enum Outcome {
    In(Box<(Session, Option<NewRecord>, Option<NewGrant>)>),
    Used,
    Over,
}

/// Signs in whoever has `proved` who they are, in answer to `ask`; or, if more is demanded of them, notes what they have
/// proved. The session, the browser's new record, the end of failures before it, the code that was given and, if nothing more
/// is to be asked, the authorization code are stored together: whoever is told nothing is not signed in.
///
/// # Errors
/// When the database does not answer.
pub async fn enter(
    app: &App,
    may: &Allowed<'_, SignIn>,
    ask: &Ask,
    flow: &str,
    before: &Before,
    proved: Proved,
) -> Result<Entry, ServiceError> {
    // On the heap: whatever waits for it would be as large.
    Box::pin(go_in(app, may, ask, flow, (before, None), proved)).await
}

/// The same for whoever proved it by a mailed link, which is used up by what it leads to: a session, or half a sign-in.
///
/// # Errors
/// As [`enter`].
pub async fn enter_by_link(
    app: &App,
    may: &Allowed<'_, SignIn>,
    ask: &Ask,
    flow: &str,
    before: &Before,
    proved: Proved,
    link: &Found,
) -> Result<Entry, ServiceError> {
    Box::pin(go_in(app, may, ask, flow, (before, Some(link)), proved)).await
}

async fn go_in(
    app: &App,
    may: &Allowed<'_, SignIn>,
    ask: &Ask,
    flow: &str,
    (before, link): (&Before, Option<&Found>),
    mut proved: Proved,
) -> Result<Entry, ServiceError> {
    let by = ask.client_id().map_or_else(|| may.by().clone(), |client| may.by().for_client(client));
    let may = by.may(*may.permission())?;
    let key = RequestKey::of(flow);
    let (policy, now) = (&app.settings.factors, app.clock.now());
    let reached = class_of(&proved.proofs);
    let client = ask.client().map(|goal| &*goal.client);
    let missing = |remembered| reached.map(|reached| policy.missing(&proved.user, client, reached, remembered, now));
    let (plain, spared) = (missing(false), missing(true));
    // It is looked for only where it would make a difference.
    let stand_in = match (&plain, &spared) {
        (Some(Ok(Demand::Factor)), Some(Ok(Demand::Nothing))) if takes_stand_in(ask) => {
            remembered_device::find(app, &proved.user, before).await?
        }
        _ => None,
    };
    let missing = if stand_in.is_some() { spared } else { plain };
    if let Some(stand_in) = stand_in {
        proved.proofs = proved.proofs.and(stand_in);
    }
    match missing {
        Some(Ok(Demand::Factor)) => {
            return halfway(app, &may, ask, key, (before, link), proved, Step::SecondFactor).await;
        }
        Some(Ok(Demand::NewFactor)) => {
            return halfway(app, &may, ask, key, (before, link), proved, Step::AddFactor).await;
        }
        // What cannot be had is said to the client by the decision.
        Some(Ok(Demand::Nothing) | Err(_)) | None => {}
    }
    complete(app, &may, ask, key, (before, link), proved).await
}

/// Whether a remembered browser will do for what is asked.
fn takes_stand_in(ask: &Ask) -> bool {
    match &ask.goal {
        Goal::Client(goal) => decision::takes_stand_in(&goal.request),
        Goal::Page(page) => !page.demands_fresh_proof(),
    }
}

/// Notes what was proved, under a secret that the browser gets.
async fn halfway(
    app: &App,
    _: &Allowed<'_, SignIn>,
    ask: &Ask,
    key: RequestKey,
    (before, link): (&Before, Option<&Found>),
    proved: Proved,
    step: Step,
) -> Result<Entry, ServiceError> {
    let Proved { user, proofs, stays, mut counted, .. } = proved;
    counted.was_right();
    let (now, secret) = (app.clock.now(), Secret::generate(&app.random));
    let pending = PendingSignIn {
        user: user.id,
        user_seen_at: user.updated_at,
        proofs,
        flow: key.hash,
        browser: SecretHash::of(&before.binding),
        stays,
        created_at: now,
        expires_at: now.after(COMPLETE_WITHIN),
    };
    let kept = app
        .store
        .transaction("begin_half_sign_in", async |tx| {
            second_factor::lock(tx, user.id).await?;
            if !user::is_unchanged(tx, &user).await? {
                return Ok(false);
            }
            if !take_link(app, tx, link).await? {
                return Ok(false);
            }
            pending_sign_in::insert(tx, &secret.hash(), &pending, MOST).await?;
            Ok(true)
        })
        .await?;
    counted.set_aside().await;
    if !kept {
        return Ok(Entry::Over);
    }
    let half = Some(HalfSignIn { secret: secret.hash(), pending, user });
    let ask = Ask { step, goal: ask.goal.clone(), signed_in: ask.signed_in.clone(), half };
    Ok(Entry::Half(Box::new(Halfway { secret, progress: Progress::Ask(Box::new(ask)) })))
}

async fn complete(
    app: &App,
    may: &Allowed<'_, SignIn>,
    ask: &Ask,
    key: RequestKey,
    (before, link): (&Before, Option<&Found>),
    proved: Proved,
) -> Result<Entry, ServiceError> {
    let Proved { user, proofs, at, second, stays, new_browser, mut counted } = proved;
    counted.was_right();
    let is_strong = class_of(&proofs) == Some(Class::TwoFactors);
    // It may be marked by the code itself, as having a factor now.
    let seen = user.clone();
    let steps_up = match &second {
        Some(Second { to: AddsTo::Session, .. }) => Some(may.by().may(ActOnSelf(user.id))?),
        _ => None,
    };
    // What stood in at an earlier sign-in of this session was taken then.
    let stand_in = proofs.stand_in().copied().filter(|_| second.is_none());
    let stands_in = stand_in.is_some();
    let remember = second.as_ref().filter(|second| second.remember);
    let told = told(app, may, &user, second.as_ref(), new_browser);
    let device = remember.and_then(|_| NewDevice::new(app, may, &user, before));
    let mut proven = session::proven(app, ask.signed_in.as_ref(), &user, proofs, at);
    // Whoever signs in for a request also says that it goes on with them.
    (proven.proved_in, proven.chosen_in) = (Some(key.hash), Some(key.hash));
    let selected = Selected { signed_in: Some((proven.clone(), user)), unclear: false };
    let so_far = SoFar { key: Some(key), half: None, just_allowed: false };
    let step = match ask.client() {
        Some(goal) => next(app, (&goal.client, &goal.redirect, &goal.request), &selected, &so_far).await?,
        None => Ok(Step::Done),
    };
    if step == Ok(Step::Done) {
        // Used up at once, by the code that is issued along with it.
        proven.proved_in = None;
    }
    let naming = ask.client().map(|goal| app.subjects.naming(&goal.client)).transpose()?;
    let outcome = app
        .store
        .transaction("sign_in", async |tx| {
            // Nobody changes the account until this is committed: a session of an old password would outlive it.
            second_factor::lock(tx, seen.id).await?;
            if !user::is_unchanged(tx, &seen).await? {
                return Ok(Outcome::Over);
            }
            if let Some(stand_in) = &stand_in
                && !remembered_device::take(tx, &seen, stand_in, proven.seen_at).await?
            {
                // It was forgotten a moment ago.
                return Ok(Outcome::Over);
            }
            if !take_link(app, tx, link).await? {
                return Ok(Outcome::Over);
            }
            if let Some(refused) = take(app, tx, &seen, proven.id, second.as_ref()).await? {
                return Ok(refused);
            }
            let begun = match &steps_up {
                Some(own) => session::step_up(app, tx, own, proven)
                    .await?
                    .map(|session| Begun { others: before.sessions_but(session.id), session }),
                None => Some(session::begin(app, tx, may, &before.sessions(), proven).await?),
            };
            let Some(Begun { session, others }) = begun else { return Ok(Outcome::Over) };
            if !others.is_empty() {
                stored::forget_flow(tx, &others, &key.hash).await?;
            }
            if is_strong {
                lost_factors::end(app, tx, may, seen.id, "a second factor was given").await?;
            }
            if !stands_in {
                counted.forgive(tx).await?;
            }
            let by = may.by().clone().signed_in(session.user, session.id);
            let event = second.as_ref().and_then(|second| second.right.event(app, may, by.clone(), session.user));
            if let Some(event) = event {
                audit_event::insert(tx, &event).await?;
            }
            for told in &told {
                told.enqueue(app, tx).await?;
            }
            if let Some(device) = &device {
                device.store(tx, by).await?;
            }
            let record = browser_session::sign_in(app, tx, before, session.id, others, stays).await?;
            let issues = ask.client().filter(|_| step == Ok(Step::Done));
            let mut given = issues.zip(naming.as_ref()).map(|(goal, naming)| {
                NewGrant::new(app, (&goal.client, naming), &goal.request, &goal.redirect, &session)
            });
            if let Some(new) = &given {
                key.retire(app, tx).await?;
                if !new.store(tx, Some(&key.hash)).await? {
                    given = None;
                }
            }
            Ok(Outcome::In(Box::new((session, record, given))))
        })
        .await?;
    let (session, record, given) = match outcome {
        Outcome::In(stored) => *stored,
        Outcome::Used => {
            // It was no right code after all.
            counted.begins();
            return Ok(Entry::Used);
        }
        Outcome::Over => return Ok(Entry::Over),
    };
    match stands_in {
        // No failure, but no proof of a second factor either: what was guessed of that still counts.
        true => counted.set_aside().await,
        false => counted.succeeded().await,
    }
    if !told.is_empty() {
        jobs::begin(app);
    }
    let id = session.id;
    let progress = match (ask.goal.clone(), step, given) {
        (Goal::Page(page), ..) => Progress::Visit(page.after_sign_in()),
        (Goal::Client(goal), _, Some(given)) => {
            let ClientGoal { request, client, redirect } = *goal;
            let response = respond(app, (&client, &seen), redirect, &request, given).await?;
            answer(client, response)
        }
        (Goal::Client(goal), Ok(Step::Done), None) => {
            let ClientGoal { request, client, redirect } = *goal;
            answer(client, already_answered(app, redirect, &request))
        }
        (goal, Ok(step), None) => {
            let signed_in = selected.signed_in.map(|(_, user)| (session, user));
            Progress::Ask(Box::new(Ask { step, goal, signed_in, half: None }))
        }
        (Goal::Client(goal), Err(refusal), None) => {
            let ClientGoal { request, client, redirect } = *goal;
            answer(client, refuse_to(app, redirect, request.response_mode, request.state.as_deref(), &refusal))
        }
    };
    let remembered = device.map(|device| device.secret);
    Ok(Entry::In(Box::new(Entered { session: id, record, remembered, progress })))
}

/// Uses up the mailed link, where there is one; `false` when it was used meanwhile, by another click or by its code.
async fn take_link(app: &App, tx: &mut Conn, link: Option<&Found>) -> Result<bool, StoreError> {
    match link {
        Some(link) => one_time_link::take(app, tx, link).await,
        None => Ok(true),
    }
}

/// What the person is told by mail of this sign-in.
fn told(app: &App, may: &Allowed<'_, SignIn>, user: &User, second: Option<&Second>, new_browser: bool) -> Vec<Told> {
    // Whoever has just got their account signs in with a new browser, of course.
    let is_news = app.clock.now().since(user.created_at) >= NEW_ACCOUNT;
    let of_browser = (new_browser && is_news && app.settings.login.new_browser_mail == Switch::On)
        .then_some(Message::NewBrowser as fn(Circumstances) -> Message);
    let of_code = second.and_then(|second| second.right.message());
    of_browser.into_iter().chain(of_code).map(|what| tell::prepare(app, may.by(), user, what)).collect()
}

/// Takes the code, and what it completes; says why not, if it cannot.
async fn take(
    app: &App,
    tx: &mut Conn,
    user: &User,
    session: SessionId,
    second: Option<&Second>,
) -> Result<Option<Outcome>, StoreError> {
    let Some(Second { right, to, .. }) = second else { return Ok(None) };
    let now = app.clock.now();
    // Before the code: where the other of two clicks has completed it, or the session that would be stronger has ended,
    // this one uses no code up and adds no app.
    let waits = match to {
        AddsTo::Half(half) => pending_sign_in::hold(tx, half, now).await?,
        AddsTo::Session => stored::hold(tx, session).await?,
        AddsTo::Nothing => true,
    };
    if !waits {
        return Ok(Some(Outcome::Over));
    }
    if !right.take(tx, user.id, now).await? {
        return Ok(Some(Outcome::Used));
    }
    if let AddsTo::Half(half) = to {
        pending_sign_in::end(tx, half).await?;
    }
    Ok(None)
}
