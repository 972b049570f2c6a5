//! How what waits for a sign-in travels from page to page: sealed in their URL, so that nothing that a stranger sends is
//! stored; or, if it is too long for that, in the database, which has room for so many.

use std::net::IpAddr;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::app::App;
use crate::domain::sign_in::authorization_request::Waiting;
use crate::domain::sign_in::destination::Destination;
use crate::domain::sign_in::place::places;
use crate::foundation::{Secret, SecretHash};
use crate::services::ServiceError;
use crate::storage::sign_in::authorization_request::{self, Room};
use crate::storage::{Conn, StoreError};

/// Characters of a sealed request. With the rest of its page's URL that is about 2,000, which browsers, proxies and logs
/// take.
const LONGEST: usize = 1_900;
/// Characters of the id of a stored one.
const ID: usize = 43;

/// Requests that are too long for a URL, at the same time. Each has a few tens of kilobytes at most and ends within the
/// hour, so that strangers fill some tens of megabytes and no more.
const ROOM: Room = Room { place: 80, client: 400, all: 2_000 };

/// How long a stored request is still there after its answer: for the second of two clicks, and for whoever goes back.
const ANSWERED: Duration = Duration::from_secs(120);

/// By what a request is known to the session that was signed in for it, and to its row: not what its pages carry.
#[derive(Clone, Copy)]
pub struct RequestKey {
    /// Of what its pages carry.
    pub hash: SecretHash,
    /// Whether the request is a row.
    pub stored: bool,
}

impl RequestKey {
    /// Of the request that pages carry as `flow`.
    pub fn of(flow: &str) -> Self {
        Self { hash: SecretHash::of(flow), stored: is_stored(flow) }
    }

    /// The request is answered: what is stored of it is of little use now.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn retire(&self, app: &App, tx: &mut Conn) -> Result<(), StoreError> {
        match self.stored {
            true => authorization_request::retire(tx, &self.hash, app.clock.now().after(ANSWERED)).await,
            false => Ok(()),
        }
    }
}

/// Makes it ready to travel in the browser with this secret. Returns what its pages carry as `flow`; `None` when
/// it is too long for a URL, and too many such requests wait here already.
///
/// # Errors
/// When the request has to be stored and the database does not answer.
pub async fn carry(
    app: &App,
    destination: &Destination,
    browser: SecretHash,
    address: IpAddr,
) -> Result<Option<String>, ServiceError> {
    let now = app.clock.now();
    let expires_at = now.after(app.settings.lifetimes.authorization_request);
    let waiting = Waiting { request: destination.clone(), browser, asked_at: now, expires_at };
    if let Some(sealed) = seal(app, &waiting)? {
        return Ok(Some(sealed));
    }
    let Destination::Client(request) = destination else {
        return Err(ServiceError::internal("a page of ours is too long for a URL"));
    };
    let waiting = waiting.map(|_| (**request).clone());
    let id = Secret::generate(&app.random);
    let (hash, place) = (id.hash(), place(app, address));
    let kept = app
        .store
        .transaction("store_authorization_request", async |tx| {
            authorization_request::insert(tx, &hash, &waiting, &place, ROOM).await
        })
        .await?;
    if !kept {
        tracing::warn!(client = %waiting.request.client, %address, "too many long authorization requests wait");
    }
    Ok(kept.then(|| id.reveal()))
}

/// What travels under `flow`; `None` for what we never made, or have forgotten.
///
/// # Errors
/// When it is stored and the database does not answer.
pub async fn find(app: &App, flow: &str) -> Result<Option<Waiting<Destination>>, ServiceError> {
    if !is_stored(flow) {
        return Ok(open(app, flow));
    }
    let hash = SecretHash::of(flow);
    Ok(app
        .store
        .read("find_authorization_request", async |conn| authorization_request::find(conn, &hash).await)
        .await?
        .map(|waiting| waiting.map(Destination::from)))
}

/// Whether it is the id of a stored request.
fn is_stored(flow: &str) -> bool {
    flow.len() == ID
}

/// The hour since 1970, and what was sealed in it. Each hour has its own key: anybody can make us seal, as often as we
/// can, and the random nonces of one key must not come near their limit (NIST SP 800-38D §8.3).
fn seal(app: &App, waiting: &Waiting<Destination>) -> Result<Option<String>, ServiceError> {
    let plain = waiting.to_bytes().map_err(ServiceError::internal)?;
    let hour = u32::try_from(waiting.asked_at.as_secs() / 3600).unwrap_or_default();
    let sealed = app.master.seal(&context(hour), &plain, &app.random)?;
    let text = URL_SAFE_NO_PAD.encode([hour.to_be_bytes().as_slice(), &sealed].concat());
    Ok((text.len() <= LONGEST).then_some(text))
}

fn open(app: &App, flow: &str) -> Option<Waiting<Destination>> {
    let bytes = URL_SAFE_NO_PAD.decode(flow).ok()?;
    let (hour, sealed) = bytes.split_first_chunk::<4>()?;
    let plain = app.master.open(&context(u32::from_be_bytes(*hour)), sealed).ok()?;
    Waiting::from_bytes(&plain, app.settings.lifetimes.authorization_request)
}

/// Another form of [`Waiting::to_bytes`] gets another number.
fn context(hour: u32) -> String {
    format!("authorization request 1/{hour}")
}

/// The widest network that one holder may have, so that none of them takes all the room; and so that it cannot be read
/// from the database.
pub fn place(app: &App, address: IpAddr) -> SecretHash {
    let network = places(address).first().map(ToString::to_string).unwrap_or_default();
    Secret::from_bytes(app.browser_key.mac(&[b"place", network.as_bytes()])).hash()
}
