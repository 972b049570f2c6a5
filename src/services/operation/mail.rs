//! Mail to people. Each is a job: it is added in the transaction of what it tells of, and sent once there is a server that
//! takes it (src/jobs/mail.rs).

use std::sync::atomic::Ordering;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::Operate;
use crate::domain::account::one_time_link::Purpose;
use crate::domain::operation::audit_event::Action;
use crate::domain::operation::job::{Failure, Job, Key, Kind, NewJob, Payload, Unfit};
use crate::ephemeral::Limit;
use crate::foundation::id::MailId;
use crate::foundation::mail_address::MailAddress;
use crate::foundation::{Clock, Random, Timestamp};
use crate::language::Language;
use crate::mail::Mail;
use crate::mail::message::{Letterhead, Message};
pub use crate::mail::{Accepted, Delivered, MailError};
use crate::services::error::Chain;
use crate::services::operation::events::event;
use crate::services::operation::jobs;
use crate::services::{ServiceError, Unavailable};
use crate::storage::account::{one_time_link, user};
use crate::storage::operation::{audit_event, job};
use crate::storage::{Conn, StoreError};

/// Mails of one kind that one address gets within [`WINDOW`]. Somebody who asks again because nothing came asks a few times;
/// somebody who asks a hundred times wants to bury something in the inbox of another. Kinds are counted apart, so that
/// nobody can use up what somebody has to be told.
const MOST_TO_ONE: u64 = 10;
/// The same of those that anybody can ask for: twice as many as come of what one place may ask for, so that a stranger alone
/// does not use up the mails of somebody who waits for theirs.
const MOST_ASKED_FOR: u64 = 20;
const WINDOW: Duration = Duration::from_secs(3600);
/// Mails that wait at one time: what strangers cause while a mail server is down does not fill the database (10 MB).
const MOST_WAITING: i64 = 10_000;
/// After so long whoever could not be told is told to try again.
const FULL_FOR: Duration = Duration::from_secs(60);

/// A mail to be sent.
#[derive(Clone, Debug)]
pub struct NewMail {
    /// To whom: an address that was read from the database or given by an operator, never by whoever asks
    /// (GHSA-qgqp-xh8r-v73r).
    pub to: MailAddress,
    /// The language of whoever reads it (BCP 47), if it is known.
    pub locale: Option<String>,
    /// What it is about.
    pub message: Message,
}

/// A mail that is ready for the transaction of what it tells of.
#[derive(Debug)]
pub struct Prepared {
    job: NewJob,
    limit: Limit,
}

/// What came of adding a mail. Who asks for something by mail is told nothing of it: it would tell who has asked before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Queued {
    /// It is sent when the transaction is committed.
    Added,
    /// This address has got as many of its kind as it may for now.
    TooManyToOne,
    /// As many wait as may.
    TooManyWaiting,
}

/// What is stored of a mail, sealed: it can hold a link by which somebody signs in.
#[derive(Serialize, Deserialize)]
struct Stored {
    to: MailAddress,
    locale: Option<String>,
    written_at: Timestamp,
    message: Message,
}

/// The payload of its job.
#[derive(Serialize, Deserialize)]
struct Sealed {
    sealed: String,
}

/// The language that a mail is in for whoever wants `locale`.
pub fn language(app: &App, locale: Option<&str>) -> Language {
    locale.and_then(Language::wanted).unwrap_or(app.settings.default_language)
}

/// Seals a mail, before the transaction that it is added in.
///
/// # Errors
/// None in practice: its values are bounded where they are made.
pub fn prepare(app: &App, by: &Actor, mail: NewMail) -> Result<Prepared, ServiceError> {
    let now = jobs::now(app);
    let NewMail { to, locale, message } = mail;
    let most = if message.is_for_whoever_asks() { MOST_ASKED_FOR } else { MOST_TO_ONE };
    let limit = app.ephemeral.limit(&format!("mail/{}/{}", message.as_str(), to.to_string().to_lowercase()), most);
    let key = MailId::generate(&app.random, now).to_string();
    let stored = serde_json::to_vec(&Stored { to, locale, written_at: now, message });
    let stored = stored.map_err(ServiceError::internal)?;
    let sealed = STANDARD.encode(app.master.seal(&context(&key), &stored, &app.random)?);
    let unfit = |error: Unfit| ServiceError::internal(error);
    let job = NewJob {
        kind: Kind::Mail,
        key: Key::new(key).map_err(unfit)?,
        payload: Payload::new(&Sealed { sealed }).map_err(unfit)?,
        run_at: now,
        schedule: None,
        created_by: by.who.to_string(),
    };
    Ok(Prepared { job, limit })
}

/// Adds a mail in the transaction of what it tells of. Call [`jobs::begin`] after the commit, or it waits for up to a second.
///
/// # Errors
/// When the database does not answer.
pub async fn enqueue(app: &App, tx: &mut Conn, mail: &Prepared) -> Result<Queued, StoreError> {
    if job::are_waiting(tx, Kind::Mail, MOST_WAITING).await? {
        tell_that_full(app);
        return Ok(Queued::TooManyWaiting);
    }
    let limits = std::slice::from_ref(&mail.limit);
    if app.ephemeral.hit_each_in(tx, limits, WINDOW, app.clock.now()).await?.is_some() {
        return Ok(Queued::TooManyToOne);
    }
    jobs::enqueue(app, tx, &mail.job).await?;
    Ok(Queued::Added)
}

/// As many mails wait as may: our mail server does not take them, which is nobody's fault who asks. For what cannot be done unless
/// somebody is told of it.
pub fn are_too_many() -> ServiceError {
    let cause = "as many mails wait as may".to_owned();
    ServiceError::Unavailable(Unavailable { cause, retry_after: FULL_FOR, may_be_done: false, by_strangers: false })
}

/// Says that mails are lost, once in [`WINDOW`] however many they are.
fn tell_that_full(app: &App) {
    let (now, told) = (app.clock.now(), &app.told_of_full_mail_queue);
    let before = told.load(Ordering::Relaxed);
    let is_due = before == 0 || now.since(Timestamp::from_micros(before)) >= WINDOW;
    if is_due && told.compare_exchange(before, now.as_micros(), Ordering::Relaxed, Ordering::Relaxed).is_ok() {
        tracing::warn!(
            rows = MOST_WAITING,
            "mails are not sent: as many wait as may, so the mail server is slow or down; further ones are left out"
        );
    }
}

/// Whether a link can still be used. While no server takes mails they wait, and a link may be used, withdrawn or too old meanwhile:
/// whoever got it then would learn by it what they cannot do any more.
async fn leads_somewhere(app: &App, path: &str) -> Result<bool, ServiceError> {
    let Some((purpose, hash)) = Purpose::of_path(path) else { return Ok(true) };
    let read = async |conn: &mut Conn| {
        let Some(link) = one_time_link::find(conn, purpose, &hash).await? else { return Ok(None) };
        let user = match link.user {
            Some((id, _)) => user::find(conn, id).await?,
            None => None,
        };
        Ok(Some((link, user)))
    };
    let found = app.store.read("find_link_of_mail", read).await?;
    Ok(found.is_some_and(|(link, user)| link.is_open(user.map(|user| user.updated_at), app.clock.now())))
}

/// Sends the mail that a job is about; one whose link is over is not sent.
///
/// # Errors
/// When it was not taken.
pub async fn send(app: &App, job: &Job) -> Result<(), Failure> {
    let Sealed { sealed } = job.read()?;
    let sealed = STANDARD.decode(sealed).map_err(|_| Failure::ForGood("its payload is not base64".to_owned()))?;
    let opened = app.master.open(&context(&job.key), &sealed);
    let opened = opened.map_err(|_| Failure::ForGood("it was sealed under another master key".to_owned()))?;
    // A newer version, which has added it, will take it when it is tried again.
    let newer = |_| Failure::ForNow("this version does not know what the mail is about".to_owned());
    let Stored { to, locale, written_at, message } = serde_json::from_slice(&opened).map_err(newer)?;
    if let Some(path) = message.is_all_about()
        && !leads_somewhere(app, path).await.map_err(|error| Failure::ForNow(Chain(&error).to_string()))?
    {
        tracing::debug!(job_id = %job.key, "mail not sent: its link is over");
        return Ok(());
    }
    let id = job.key.parse().map_err(|_| Failure::ForGood("its key is not the id of a mail".to_owned()))?;
    let language = language(app, locale.as_deref());
    let letter = message.compose(&app.letterhead, to, language, id, written_at);
    let letter = letter.map_err(|error| Failure::ForGood(error.to_string()))?;
    match app.mail.send(&letter).await {
        Ok(_) => Ok(()),
        Err(error) if error.is_for_good() => Err(Failure::ForGood(error.to_string())),
        Err(error) => Err(Failure::ForNow(error.to_string())),
    }
}

/// Sends a test mail at once, and tells what the server said. Nothing of it is kept.
///
/// # Errors
/// When the mail cannot be written, which is a fault of ours. The inner error is how sending it failed.
pub async fn test(
    mail: &Mail,
    (head, language): (&Letterhead, Language),
    (clock, random): (&Clock, &Random),
    to: MailAddress,
    asked_by: String,
) -> Result<Result<Accepted, MailError>, ServiceError> {
    let now = clock.now();
    let message = Message::Test { asked_by };
    let letter = message.compose(head, to, language, MailId::generate(random, now), now);
    Ok(mail.send(&letter.map_err(ServiceError::internal)?).await)
}

/// Has a server send a test mail, in the way in which it sends all others.
///
/// # Errors
/// When the database does not answer.
pub async fn queue_test(app: &App, by: &Actor, to: MailAddress) -> Result<Queued, ServiceError> {
    let may = by.may(Operate)?;
    let message = Message::Test { asked_by: by.who.id().unwrap_or_default() };
    let mail = prepare(app, by, NewMail { to, locale: None, message })?;
    let asked = event(app, &may, Action::MailTested);
    let queued = app
        .store
        .transaction("queue_test_mail", async |tx| {
            let queued = enqueue(app, tx, &mail).await?;
            audit_event::insert_if(tx, queued == Queued::Added, &asked).await?;
            Ok(queued)
        })
        .await?;
    jobs::begin(app);
    Ok(queued)
}

/// What has arrived in the mailbox, the newest first; `None` where mail goes elsewhere.
pub fn delivered(app: &App) -> Option<Vec<Delivered>> {
    match &app.mail {
        Mail::Mailbox(mailbox) => Some(mailbox.all()),
        Mail::Smtp(_) | Mail::Off => None,
    }
}

/// What a sealed mail is bound to.
fn context(key: &str) -> String {
    format!("job/mail/{key}")
}
