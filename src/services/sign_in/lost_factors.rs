//! Whoever has lost every second factor gets in again, after a delay: they say so after the password, are told by mail twice,
//! and can stop it by a link. Then the password and a code that is mailed remove the factors, and they sign in anew.

use std::time::Duration;

use super::by_mail::Came;
use super::login::{SignIn, refuse};
use super::login_throttle::{self, Guess};
use super::pending_sign_in::HalfSignIn;
use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::SignIn as SignInNow;
use crate::domain::account::one_time_link::Purpose;
use crate::domain::factor::lost_factors::{LostFactors, begins_at, offered};
use crate::domain::operation::audit_event::{Action, Target};
use crate::domain::sign_in::mailed_code::{MailedCode, bound_to};
use crate::foundation::mail_address::MailAddress;
use crate::foundation::{SecretHash, Timestamp};
use crate::mail::message::Message;
use crate::services::ServiceError;
use crate::services::account::one_time_link::{self, NewLink, Whose};
use crate::services::account::tell;
use crate::services::factor::lost_factors::{find, to_cancel};
use crate::services::factor::reset;
use crate::services::operation::events::{self, event};
use crate::services::operation::jobs;
use crate::services::operation::mail::{self, NewMail, Queued};
use crate::storage::account::user;
use crate::storage::factor::{lost_factors as rows, second_factor};
use crate::storage::operation::audit_event;
use crate::storage::sign_in::pending_sign_in;
use crate::storage::{Conn, StoreError};

/// So often one person can say it within [`DAY`]: whoever has stolen a password does not bury the owner in mails.
const MOST: u64 = 3;
const DAY: Duration = Duration::from_secs(86_400);
/// Codes that are mailed to one person within [`HOUR`].
const MOST_CODES: u64 = 5;
const HOUR: Duration = Duration::from_secs(3600);

/// Where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stands {
    /// It can be said, and takes effect after so long.
    NotBegun(Duration),
    /// It was said, and takes effect then.
    Waits(Timestamp),
    /// The delay is over.
    Due,
}

/// What came of asking for something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// It is done, or was done already.
    Yes,
    /// It is not offered, or what it belongs to has ended.
    No,
    /// Too often: wait so long.
    Wait(Duration),
}

/// What came of a code.
pub enum Answered {
    /// The factors are gone, and all that the person had got by signing in.
    Removed,
    /// The code is not right.
    Wrong,
    /// It is not time, or what it belongs to has ended.
    Over,
    /// Too many were tried.
    Refused(SignIn),
}

/// Where to write to whoever gave the password, if this way is open to them.
fn way(app: &App, half: &HalfSignIn) -> Option<MailAddress> {
    let to = offered(&half.user, &half.pending.proofs, app.settings.recovery_delay).ok()?;
    app.mail.is_configured().then_some(to)
}

/// Whether whoever gave the password can say that every second factor is lost.
pub fn is_offered(app: &App, half: &HalfSignIn) -> bool {
    way(app, half).is_some()
}

/// Where it stands for whoever gave the password; `None` where it is not offered.
///
/// # Errors
/// When the database does not answer.
pub async fn look(app: &App, half: &HalfSignIn) -> Result<Option<Stands>, ServiceError> {
    let (Some(_), Some(delay)) = (way(app, half), app.settings.recovery_delay) else { return Ok(None) };
    Ok(Some(match find(app, &half.user).await? {
        Some(lost) if is_due(app, &lost) => Stands::Due,
        Some(lost) => Stands::Waits(lost.effective_at),
        None => {
            let (now, mailed_at) = (app.clock.now(), password_mailed_at(app, half).await?);
            Stands::NotBegun(begins_at(delay, mailed_at, now).after(delay).since(now))
        }
    }))
}

/// When the password was chosen, if that was by a mailed link.
async fn password_mailed_at(app: &App, half: &HalfSignIn) -> Result<Option<Timestamp>, ServiceError> {
    let id = half.user.id;
    Ok(app.store.read("find_when_password_was_mailed", async |conn| user::password_mailed_at(conn, id).await).await?)
}

/// A clock that was set does not make the delay shorter.
fn is_due(app: &App, lost: &LostFactors) -> bool {
    lost.is_due(app.clock_guard.earliest(&app.clock))
}

/// Notes that whoever gave the password says to have lost every second factor, and tells the person. Who cannot be told
/// cannot say it. One that holds already stays: the delay does not begin anew. It makes us store one row for each account, and
/// three mails a day.
///
/// # Errors
/// When the database does not answer.
pub async fn begin(app: &App, by: &Actor, half: &HalfSignIn) -> Result<Asked, ServiceError> {
    let may = by.may(SignInNow)?;
    let (Some(to), Some(delay)) = (way(app, half), app.settings.recovery_delay) else { return Ok(Asked::No) };
    if find(app, &half.user).await?.is_some() {
        return Ok(Asked::Yes);
    }
    let (user, id, now) = (&half.user, half.user.id, app.clock.now());
    let hits = app.ephemeral.hit(&format!("lost_factors/{id}"), DAY, now).await?;
    if hits.count > MOST {
        return Ok(Asked::Wait(hits.resets_in));
    }
    let lost = LostFactors::new(user, delay, password_mailed_at(app, half).await?, now);
    let link = to_cancel(app, user, &lost)?;
    let how = tell::circumstances(app, by, user.locale().as_deref());
    let message = Message::LostFactors { path: link.path(), effective_at: lost.effective_at, how };
    let told = mail::prepare(app, by, NewMail { to, locale: user.locale(), message })?;
    let reported = event(app, &may, Action::LostFactorsReported).about(Target::user(id));
    let asked = app
        .store
        .transaction("report_lost_factors", async |tx| {
            if !holds(app, tx, half).await? {
                return Ok(Some(Asked::No));
            }
            if rows::find(tx, id).await?.is_some_and(|other| other.is_open(user.updated_at, now)) {
                return Ok(Some(Asked::Yes));
            }
            match mail::enqueue(app, tx, &told).await? {
                Queued::Added => {}
                Queued::TooManyToOne => return Ok(Some(Asked::Wait(HOUR))),
                Queued::TooManyWaiting => return Ok(None),
            }
            rows::replace(tx, &lost).await?;
            one_time_link::insert(tx, &link).await?;
            audit_event::insert(tx, &reported).await?;
            Ok(Some(Asked::Yes))
        })
        .await?;
    let asked = asked.ok_or_else(mail::are_too_many)?;
    jobs::begin(app);
    if asked == Asked::Yes {
        tracing::info!(user = %id, address = ?by.origin.address, "somebody says to have lost every second factor");
    }
    Ok(asked)
}

/// What a code is bound to: the browser with this secret, and this half of a sign-in in it, which is one person's. A code that is
/// mailed to somebody else afterwards makes no difference to theirs.
fn binding(browser: &str, half: &HalfSignIn) -> String {
    bound_to(browser, &half.secret.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect::<String>())
}

/// Mails the code, once the delay is over, to be typed in the browser with this secret: five an hour to one person at most.
///
/// # Errors
/// When the database does not answer.
pub async fn send_code(app: &App, by: &Actor, half: &HalfSignIn, browser: &str) -> Result<Asked, ServiceError> {
    let Some(to) = way(app, half) else { return Ok(Asked::No) };
    let (user, now) = (&half.user, app.clock.now());
    if !find(app, user).await?.is_some_and(|lost| is_due(app, &lost)) {
        return Ok(Asked::No);
    }
    let hits = app.ephemeral.hit(&format!("lost_factors/code/{}", user.id), HOUR, now).await?;
    if hits.count > MOST_CODES {
        return Ok(Asked::Wait(hits.resets_in));
    }
    let (whose, purpose) = (Whose::User(user), Purpose::LostFactors);
    let link = NewLink {
        purpose,
        whose,
        payload: &(),
        browser: Some(SecretHash::of(&binding(browser, half))),
        expires_at: None,
    };
    let code = MailedCode::generate(&app.random);
    let link = one_time_link::prepare(app, link)?.with_code(app, &code);
    let message = Message::LostFactorsCode { code: code.reveal() };
    let mail = mail::prepare(app, by, NewMail { to, locale: user.locale(), message })?;
    let asked = app
        .store
        .transaction("send_lost_factors_code", async |tx| {
            if !holds(app, tx, half).await? {
                return Ok(Some(Asked::No));
            }
            match mail::enqueue(app, tx, &mail).await? {
                Queued::Added => {}
                Queued::TooManyToOne => return Ok(Some(Asked::Wait(HOUR))),
                Queued::TooManyWaiting => return Ok(None),
            }
            one_time_link::insert(tx, &link).await?;
            Ok(Some(Asked::Yes))
        })
        .await?;
    jobs::begin(app);
    asked.ok_or_else(mail::are_too_many)
}

/// Removes every second factor by the code of the mail, once the delay is over. A code counts as a wrong password does, before
/// it is looked at. Nobody is signed in: the sign-in begins anew, and asks for another factor where one is required.
///
/// # Errors
/// When the database or the counters do not answer: a code is never wrong because of that.
pub async fn complete(
    app: &App,
    by: &Actor,
    half: &HalfSignIn,
    typed: &str,
    came: Came<'_>,
) -> Result<Answered, ServiceError> {
    let may = by.may(SignInNow)?;
    let (user, id, address) = (&half.user, half.user.id, came.address);
    let holds_and_is_due = find(app, user).await?.is_some_and(|lost| is_due(app, &lost));
    if way(app, half).is_none() || !holds_and_is_due {
        return Ok(Answered::Over);
    }
    let Some(code) = MailedCode::typed(typed) else { return Ok(Answered::Wrong) };
    let guess = Guess { account: Ok(user), address, cookie: came.device };
    let mut counted = match login_throttle::attempt(app, guess).await? {
        Ok(counted) => counted,
        Err(throttled) => {
            events::count_refused(app, Action::LoginThrottled, None, Some(address));
            return Ok(Answered::Refused(refuse(&throttled, Some(id), address)));
        }
    };
    let found =
        one_time_link::find_by_code(app, Purpose::LostFactors, &binding(&came.browser.binding, half), &code).await?;
    let Some(found) = found.filter(|found| found.user.as_ref().is_some_and(|owner| owner.id == id)) else {
        counted.begins();
        tracing::info!(user = %id, %address, "code to remove lost second factors refused");
        events::count_refused(app, Action::SecondFactorFailed, None, Some(address));
        return Ok(Answered::Wrong);
    };
    let told = tell::prepare(app, by, user, Message::FactorsReset);
    let removed = app
        .store
        .transaction("remove_lost_factors", async |tx| {
            if !holds(app, tx, half).await? || !one_time_link::take(app, tx, &found).await? {
                return Ok(None);
            }
            if !rows::take(tx, id, user.updated_at, app.clock_guard.earliest(&app.clock)).await? {
                return Ok(None);
            }
            let factors = reset::remove_all(app, tx, &may, id, "they were lost, and the delay was over").await?;
            told.enqueue(app, tx).await?;
            Ok(Some(factors))
        })
        .await?;
    jobs::begin(app);
    let Some(factors) = removed else { return Ok(Answered::Over) };
    tracing::info!(user = %id, %address, factors, "lost second factors removed");
    Ok(Answered::Removed)
}

/// Whether half a sign-in can still be answered. Nobody changes its account until the transaction ends.
async fn holds(app: &App, tx: &mut Conn, half: &HalfSignIn) -> Result<bool, StoreError> {
    second_factor::lock(tx, half.user.id).await?;
    Ok(user::is_unchanged(tx, &half.user).await? && pending_sign_in::hold(tx, &half.secret, app.clock.now()).await?)
}
