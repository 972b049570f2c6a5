//! Telling clients that a session has ended (OpenID Connect Back-Channel Logout 1.0): one job for each client that was signed
//! in to, in the transaction that ends the session.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;

use crate::app::App;
use crate::domain::oauth::client::{Client, ClientId};
use crate::domain::oauth::logout::back_channel::{Answered, LogoutToken, TYPE, Told, answered};
use crate::domain::operation::job::{Failure, Job, Key, Kind, NewJob, Payload};
use crate::foundation::id::SessionId;
use crate::foundation::text::plain;
use crate::outbound::{Answer, Method, OutboundError, Request};
use crate::services::ServiceError;
use crate::services::error::Chain;
use crate::services::oauth::client;
use crate::services::oauth::recipient::Recipient;
use crate::services::operation::jobs;
use crate::storage::oauth::{client as stored, grant};
use crate::storage::{Conn, StoreError};

/// How long a client may take to answer.
const ANSWERS_WITHIN: Duration = Duration::from_secs(5);
/// The largest answer that is read: it should be empty (§2.8).
const LONGEST_ANSWER: usize = 64 * 1024;
/// The most characters of the code with which a client refuses.
const LONGEST_CODE: usize = 60;

/// Adds what tells the clients of these sessions, which have just ended, in the transaction that ended them. Call
/// [`jobs::begin`] after the commit, or they wait for up to a second.
///
/// # Errors
/// When the database does not answer.
pub async fn enqueue(app: &App, tx: &mut Conn, ended: &[SessionId]) -> Result<(), StoreError> {
    let told = whom_to_tell(tx, ended).await?;
    enqueue_all(app, tx, told).await
}

/// The clients that these sessions signed in to and that want to be told: as many as those sessions have.
///
/// # Errors
/// When the database does not answer.
pub async fn whom_to_tell(tx: &mut Conn, ended: &[SessionId]) -> Result<Vec<Told>, StoreError> {
    if ended.is_empty() {
        return Ok(Vec::new());
    }
    let mut of_each: BTreeMap<ClientId, Vec<Told>> = BTreeMap::new();
    for told in grant::clients_of_sessions(tx, ended).await? {
        of_each.entry(told.client.clone()).or_default().push(told);
    }
    if of_each.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<_> = of_each.keys().cloned().collect();
    let clients = stored::find_all(tx, &ids).await?;
    let wants: BTreeSet<_> = clients
        .into_iter()
        .filter(|client| client.enabled && client.metadata.logout.backchannel_logout_uri.is_some())
        .map(|client| client.id)
        .collect();
    of_each.retain(|client, _| wants.contains(client));
    Ok(of_each.into_values().flatten().collect())
}

/// Adds the jobs that tell them.
///
/// # Errors
/// When the database does not answer.
pub async fn enqueue_all(app: &App, tx: &mut Conn, all: Vec<Told>) -> Result<(), StoreError> {
    for told in all {
        let unfit = |_| StoreError::Corrupt("a job that tells of a logout");
        let job = NewJob {
            kind: Kind::BackChannelLogout,
            // A session ends once.
            key: Key::new(key_of(&told)).map_err(unfit)?,
            payload: Payload::new(&told).map_err(unfit)?,
            run_at: jobs::now(app),
            schedule: None,
            created_by: "session".to_owned(),
        };
        jobs::enqueue(app, tx, &job).await?;
    }
    Ok(())
}

/// What is told once: the end of a session, to a client, of whom it knows by this `sub`.
fn key_of(told: &Told) -> String {
    let key = format!("{}/{}", told.session, told.client.as_str());
    match &told.pairwise_sub {
        Some(sub) => format!("{key}/{}", sub.short()),
        None => key,
    }
}

/// Tells a client. The token is made now: however late that is, it is not too old. One whose answer was lost is told again, and
/// finds no session any more.
///
/// # Errors
/// When it has to be tried again, or would be in vain.
pub async fn send(app: &App, job: &Job) -> Result<(), Failure> {
    let told: Told = job.read()?;
    let client = client::find(app, &told.client).await.map_err(|error| Failure::ForNow(Chain(&error).to_string()))?;
    // It was deleted or disabled, or does not want to be told any more.
    let Some(client) = client.filter(|client| client.enabled) else { return Ok(()) };
    let Some(uri) = &client.metadata.logout.backchannel_logout_uri else { return Ok(()) };
    let sid = app.subjects.sid(told.session, told.pairwise_sub.as_ref());
    let sid = sid.map_err(|fault| Failure::ForNow(Chain(&fault).to_string()))?;
    let claims = LogoutToken::new(&app.issuer, &told, sid, &app.random, app.clock.now());
    let keys = app.keys.current().clone();
    let signer = keys.signer(client.metadata.id_token_signed_response_alg);
    let token = signer.and_then(|signer| signer.sign(TYPE, &claims));
    let token = token.map_err(|error| Failure::ForNow(format!("no token could be made: {error}")))?;
    let token = sealed(app, &client, token).await.map_err(|error| Failure::ForNow(Chain(&error).to_string()))?;
    let request = Request::new(Method::POST, uri.as_str()).form(&[("logout_token", &token)]);
    let request = request.within(ANSWERS_WITHIN).at_most(LONGEST_ANSWER);
    match app.outbound.tell(request).await {
        Ok(answer) => judge(&answer),
        Err(busy @ OutboundError::Busy { .. }) => Err(Failure::NotYet(busy.to_string())),
        Err(error @ OutboundError::Url(_)) => Err(Failure::ForGood(error.to_string())),
        Err(error) => Err(Failure::ForNow(error.to_string())),
    }
}

/// It is encrypted as ID tokens are: a client that has those encrypted should refuse it otherwise (§2.6).
async fn sealed(app: &App, client: &Client, token: String) -> Result<String, ServiceError> {
    match Recipient::of(app, client, client.metadata.encryption.id_token()).await? {
        None => Ok(token),
        Some(recipient) => recipient.seal_logout_token(&token, &app.issuer),
    }
}

fn judge(answer: &Answer) -> Result<(), Failure> {
    let status = answer.status.as_u16();
    match answered(status) {
        Answered::Done => Ok(()),
        Answered::Refused => {
            let told: Option<Value> = serde_json::from_slice(&answer.body).ok();
            let code = told.as_ref().and_then(|told| told.get("error")).and_then(Value::as_str);
            let code = code.map(|code| format!(" ({})", plain(code, LONGEST_CODE))).unwrap_or_default();
            Err(Failure::ForGood(format!("the client refused the logout token: it answered 400{code}")))
        }
        Answered::Failed => Err(Failure::ForNow(format!("the client answered {status}"))),
    }
}
