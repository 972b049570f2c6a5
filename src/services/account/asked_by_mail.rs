//! What somebody asks for who has proved nothing and is answered by mail. Whoever is named, known or not: the same is counted,
//! one sealed job is stored, and the answer is the same. Who it is, the job finds out.

use std::net::IpAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{recover, sign_in_link};
use crate::app::{App, Switch};
use crate::domain::access::actor::{Actor, Origin, UserAgent};
use crate::domain::account::identifier::LoginIdentifier;
use crate::domain::account::one_time_link::Purpose;
use crate::domain::operation::job::{Failure, Job, Kind};
use crate::domain::sign_in::place::places;
use crate::ephemeral::Limit;
use crate::foundation::{SecretHash, Timestamp};
use crate::services::error::Chain;
use crate::services::operation::{jobs, sealed_job};
use crate::services::{ServiceError, Unavailable};
use crate::storage::account::user;
use crate::storage::operation::job;

/// Within this time the following may be asked for.
const WINDOW: Duration = Duration::from_secs(3600);
/// From one holder's address, whoever is named.
const FROM_HERE: u32 = 20;
/// From there for one name.
const FROM_HERE_FOR_ONE: u32 = 5;
/// For one name from everywhere.
const FOR_ONE: u64 = 30;
/// Waiting at one time: what strangers cause while nothing is done does not fill the database.
const MOST_WAITING: i64 = 10_000;
/// Bytes that are kept of what waits for the answer; a longer one is not taken up again.
const LONGEST_FLOW: usize = 4096;

/// What is asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Wanted {
    /// A link by which to choose another password.
    Reset {
        /// What waits for the sign-in that follows.
        flow: Option<String>,
    },
    /// A link and a code by which to sign in.
    SignIn {
        /// What waits for the sign-in.
        flow: String,
        /// The hash of what whoever may use it has: a browser and its page, or a client.
        browser: Vec<u8>,
        /// Which time it was asked for at a page; by it and the secret of the browser its link is known there.
        #[serde(default)]
        asked: Option<String>,
        /// Whether the browser is to stay signed in when it is closed.
        stays: bool,
    },
}

/// Whether it was heard. It tells nothing of whether there is such an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Somebody is written to, if there is anybody.
    Yes,
    /// Too much was asked for from here, or for this name: wait so long.
    Wait(Duration),
}

/// The payload of the job.
#[derive(Serialize, Deserialize)]
struct Asked {
    name: String,
    wanted: Wanted,
    locale: Option<String>,
    address: Option<IpAddr>,
    user_agent: Option<String>,
    /// The version before did not say it.
    #[serde(default)]
    asked_at: Option<Timestamp>,
}

/// Whether another password can be asked for.
pub fn is_offered(app: &App) -> bool {
    app.mail.is_configured() && app.settings.login.takes_passwords()
}

/// Whether people can sign in by mail.
pub fn signs_in(app: &App) -> bool {
    app.settings.login.email == Switch::On && app.mail.is_configured()
}

/// Asks for `wanted` for whoever has this name. A stranger can make us store 20 jobs of some kilobytes an hour from each
/// address, and 10,000 altogether.
///
/// # Errors
/// When the database does not answer, or too much waits.
pub async fn ask(
    app: &App,
    origin: &Origin,
    name: &str,
    wanted: Wanted,
    locale: Option<String>,
) -> Result<Heard, ServiceError> {
    // Whatever cannot be anybody's name is asked for all the same: nothing comes of it.
    let name = LoginIdentifier::typed(name).ok();
    let counted = name.as_ref().map(|name| name.counted().to_string()).unwrap_or_default();
    let name = name.map(|name| name.to_string()).unwrap_or_default();
    let limits = limits(app, origin.address, &counted);
    let now = app.clock.now();
    let outside = app.ephemeral.hit_each_outside(&limits, WINDOW, now).await;
    if let Some(Some(hits)) = outside {
        return Ok(Heard::Wait(hits.resets_in));
    }
    let inside = if outside.is_some() { &[] } else { limits.as_slice() };
    let user_agent = origin.user_agent.as_ref().map(|agent| agent.as_str().to_owned());
    let (wanted, asked_at) = (wanted.bounded(), Some(now));
    let asked = Asked { name, wanted, locale, address: origin.address, user_agent, asked_at };
    let work = sealed_job::new(app, Kind::AskedByMail, "nobody", &asked)?;
    let heard = app
        .store
        .transaction("ask_by_mail", async |tx| {
            if let Some(hits) = app.ephemeral.hit_each_in(tx, inside, WINDOW, now).await? {
                return Ok(Some(Heard::Wait(hits.resets_in)));
            }
            if job::are_waiting(tx, Kind::AskedByMail, MOST_WAITING).await? {
                return Ok(None);
            }
            jobs::enqueue(app, tx, &work).await?;
            Ok(Some(Heard::Yes))
        })
        .await?;
    jobs::begin(app);
    heard.ok_or_else(|| {
        ServiceError::Unavailable(Unavailable {
            cause: "as many people wait for an answer by mail as may".to_owned(),
            retry_after: Duration::from_secs(60),
            may_be_done: false,
            by_strangers: false,
        })
    })
}

/// Finds out who was meant, and writes to them, unless that was too long ago. Nothing is written where there is nobody: mail to whatever address a stranger
/// types would be a way to send mail.
///
/// # Errors
/// When it could not be done now.
pub async fn answer(app: &App, job: &Job) -> Result<(), Failure> {
    let Asked { name, wanted, locale, address, user_agent, asked_at } = sealed_job::read(app, job)?;
    // Whoever has waited for longer than a link of theirs would hold has asked again, or has given up.
    if asked_at.is_some_and(|at| app.clock.now() >= at.after(wanted.purpose().lifetime())) {
        return Ok(());
    }
    let Ok(identifier) = LoginIdentifier::typed(&name) else { return Ok(()) };
    let for_now = |error: ServiceError| Failure::ForNow(Chain(&error).to_string());
    let found =
        app.store.read("find_account_asked_for", async |conn| user::find_by_identifier(conn, &identifier).await);
    let Some(user) = found.await.map_err(|error| for_now(error.into()))? else { return Ok(()) };
    let user_agent = user_agent.map(|text| UserAgent::new(text.as_bytes()));
    let by = Actor::nobody(Origin { address, user_agent, ..Origin::default() });
    match wanted {
        Wanted::Reset { flow } => recover::send_link(app, &by, &user, flow, locale).await.map_err(for_now),
        Wanted::SignIn { flow, browser, asked, stays } => {
            let Some(browser) = SecretHash::from_stored(&browser) else { return Ok(()) };
            let remembered = sign_in_link::Remembered { flow, asked, stays };
            sign_in_link::send(app, &by, &user, browser, remembered, locale).await.map_err(for_now)
        }
    }
}

impl Wanted {
    /// What the link is for.
    const fn purpose(&self) -> Purpose {
        match self {
            Self::Reset { .. } => Purpose::Reset,
            Self::SignIn { .. } => Purpose::SignIn,
        }
    }

    fn bounded(self) -> Self {
        match self {
            Self::Reset { flow } => Self::Reset { flow: flow.filter(|flow| flow.len() <= LONGEST_FLOW) },
            // A page of a sign-in takes no longer flow.
            other @ Self::SignIn { .. } => other,
        }
    }
}

/// What is counted, always in this order.
fn limits(app: &App, address: Option<IpAddr>, name: &str) -> Vec<Limit> {
    let places = address.map(places).unwrap_or_default();
    let limit = |key: String, most: u64| app.ephemeral.limit(&key, most);
    let here = places
        .iter()
        .map(|place| limit(format!("asked_by_mail/place/{place}"), u64::from(FROM_HERE.saturating_mul(place.share))));
    let for_one = places
        .iter()
        .map(|place| limit(format!("asked_by_mail/place/{place}/{name}"), place.for_one(FROM_HERE_FOR_ONE)));
    let everywhere = std::iter::once(limit(format!("asked_by_mail/name/{name}"), FOR_ONE));
    here.chain(for_one).chain(everywhere).collect()
}
