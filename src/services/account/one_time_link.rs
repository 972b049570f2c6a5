//! Links that are sent by mail and work once. They are made before the transaction that keeps them, looked at by the page that
//! they lead to, and taken in the transaction of what they do.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::app::App;
use crate::domain::account::one_time_link::{OneTimeLink, Purpose};
use crate::domain::account::user::User;
use crate::domain::sign_in::mailed_code::{MOST_TRIES, MailedCode};
use crate::foundation::{Secret, SecretHash, Timestamp, id::UserId};
use crate::services::ServiceError;
use crate::storage::account::{one_time_link, user};
use crate::storage::factor::second_factor;
use crate::storage::{Conn, StoreError};

/// The most that one may have to remember, in bytes: a name, some claims, a password's hash.
const LONGEST: usize = 16 * 1024;

/// What a link is to be.
pub struct NewLink<'a, P> {
    /// What it does.
    pub purpose: Purpose,
    /// Whom it is for.
    pub whose: Whose<'a>,
    /// What it has to remember, which is sealed.
    pub payload: &'a P,
    /// The secret of the browser that asked for it, where another may not use it.
    pub browser: Option<SecretHash>,
    /// When it holds no longer; `None`: after the time that is usual for its purpose.
    pub expires_at: Option<Timestamp>,
}

/// Whom a link is for: of each so many stay.
#[derive(Clone, Copy)]
pub enum Whose<'a> {
    /// Somebody with an account, as it is now.
    User(&'a User),
    /// Whoever reads the mail of this address, in canonical form.
    Address(&'a str),
}

/// A link that is ready for its transaction, and for the mail beside it.
pub struct Prepared {
    secret: Secret,
    link: OneTimeLink,
}

impl Prepared {
    /// The path of ours that the mail leads to. It holds the secret: for the sealed mail, and nothing else.
    pub fn path(&self) -> String {
        self.link.purpose.path(&self.secret)
    }

    /// The same with a code that stands beside it in the mail.
    #[must_use]
    pub fn with_code(mut self, app: &App, code: &MailedCode) -> Self {
        self.link.code = Some(code.hash(&app.login_key, &self.link.hash));
        self
    }

    /// When it holds no longer.
    pub fn expires_at(&self) -> Timestamp {
        self.link.expires_at
    }
}

/// Makes a link.
///
/// # Errors
/// None in practice: what it has to remember is bounded where it comes from.
pub fn prepare<P: Serialize>(app: &App, new: NewLink<'_, P>) -> Result<Prepared, ServiceError> {
    let NewLink { purpose, whose, payload, browser, expires_at } = new;
    let (now, secret) = (app.clock.now(), Secret::generate(&app.random));
    let hash = purpose.hash(&secret.reveal());
    let payload = serde_json::to_vec(payload).map_err(ServiceError::internal)?;
    if payload.len() > LONGEST {
        return Err(ServiceError::internal("a one-time link has more to remember than it may"));
    }
    let sealed = app.master.seal(&context(purpose, &hash), &payload, &app.random)?;
    // That of a browser is counted for itself: whoever asks elsewhere does not push it out.
    let of_browser = browser.as_ref().map(|browser| browser.as_bytes().as_slice()).unwrap_or_default();
    let subject = match whose {
        Whose::User(user) => app.login_key.mac(&[b"link of user", user.id.as_uuid().as_bytes(), of_browser]),
        Whose::Address(address) => app.login_key.mac(&[b"link of address", address.as_bytes(), of_browser]),
    };
    let user = match whose {
        Whose::User(user) => Some((user.id, user.updated_at)),
        Whose::Address(_) => None,
    };
    let link = OneTimeLink {
        hash,
        purpose,
        subject: Secret::from_bytes(subject).hash(),
        user,
        sealed: Some(sealed),
        browser,
        code: None,
        tries: 0,
        created_at: now,
        expires_at: expires_at.unwrap_or_else(|| now.after(purpose.lifetime())),
        used_at: None,
    };
    Ok(Prepared { secret, link })
}

/// Keeps a link, in the transaction of the mail that it is sent in.
///
/// # Errors
/// When the database does not answer.
pub async fn insert(tx: &mut Conn, prepared: &Prepared) -> Result<(), StoreError> {
    one_time_link::insert(tx, &prepared.link, prepared.link.purpose.most()).await
}

/// A link that is open, with whatever it remembers. Who has it has read the mail; nothing was used up so far.
pub struct Found {
    link: OneTimeLink,
    /// Whose it is, as the account is now; `None` where there was no account.
    pub user: Option<User>,
    payload: Vec<u8>,
}

impl Found {
    /// What it remembers.
    ///
    /// # Errors
    /// When another version has written it that remembers other things.
    pub fn payload<P: DeserializeOwned>(&self) -> Result<P, ServiceError> {
        serde_json::from_slice(&self.payload).map_err(ServiceError::internal)
    }

    /// When it was made.
    pub fn made_at(&self) -> Timestamp {
        self.link.created_at
    }

    /// Whether it was asked for in the browser with this secret.
    pub fn is_of_browser(&self, binding: &str) -> bool {
        self.link.is_of_browser(&SecretHash::of(binding))
    }
}

/// The link of this purpose that was presented, if it is open. It uses nothing up: programs that look at the links of a mail
/// open them before a person does.
///
/// # Errors
/// When the database does not answer.
pub async fn find(app: &App, purpose: Purpose, presented: &str) -> Result<Option<Found>, ServiceError> {
    let (now, hash) = (app.clock.now(), purpose.hash(presented));
    let found = app
        .store
        .read("find_one_time_link", async |conn| {
            let Some(link) = one_time_link::find(conn, purpose, &hash).await? else { return Ok(None) };
            let user = match link.user {
                Some((id, _)) => user::find(conn, id).await?,
                None => None,
            };
            Ok(Some((link, user)))
        })
        .await?;
    found.map_or(Ok(None), |(link, user)| opened(app, link, user, now))
}

/// The link whose code was typed in the browser with this secret, if it is open: that of the newest mail which was asked for
/// there. A code is counted before it is compared, and the same is done where there is no such mail.
///
/// # Errors
/// When the database does not answer.
pub async fn find_by_code(
    app: &App,
    purpose: Purpose,
    binding: &str,
    typed: &MailedCode,
) -> Result<Option<Found>, ServiceError> {
    let (now, browser) = (app.clock.now(), SecretHash::of(binding));
    let none = Secret::generate(&app.random).hash();
    let found = app
        .store
        .transaction("count_mailed_code", async |tx| {
            let link = one_time_link::newest_of_browser(tx, purpose, &browser).await?;
            let hash = link.as_ref().map_or(none, |link| link.hash);
            let looked_at = one_time_link::count_code(tx, purpose, &hash, MOST_TRIES, now).await?;
            let Some(link) = link.filter(|_| looked_at) else { return Ok(None) };
            let user = match link.user {
                Some((id, _)) => user::find(tx, id).await?,
                None => None,
            };
            Ok(Some((link, user)))
        })
        .await?;
    let is_right = |link: &OneTimeLink| {
        let hash = typed.hash(&app.login_key, &link.hash);
        link.code.as_ref().is_some_and(|code| code.matches(&hash))
    };
    found.filter(|(link, _)| is_right(link)).map_or(Ok(None), |(link, user)| opened(app, link, user, now))
}

/// What a link remembers, if it is open.
fn opened(app: &App, link: OneTimeLink, user: Option<User>, now: Timestamp) -> Result<Option<Found>, ServiceError> {
    if !link.is_open(changed_at(user.as_ref()), now) {
        return Ok(None);
    }
    let sealed = link.sealed.as_deref().unwrap_or_default();
    let payload = app.master.open(&context(link.purpose, &link.hash), sealed)?.to_vec();
    Ok(Some(Found { link, user, payload }))
}

/// Whose a link is, as the account is now, if the link still holds. Nobody changes the account, or uses the link, until the
/// transaction ends. It uses nothing up: [`take_held`] comes once nothing more can be in the way, so that a link that could not do
/// what it is for is still there.
///
/// # Errors
/// When the database does not answer.
pub async fn hold(app: &App, tx: &mut Conn, found: &Found) -> Result<Option<User>, StoreError> {
    let OneTimeLink { purpose, hash, user: Some((id, _)), .. } = &found.link else { return Ok(None) };
    second_factor::lock(tx, *id).await?;
    let (link, user) = (one_time_link::find(tx, *purpose, hash).await?, user::find(tx, *id).await?);
    let holds = link.is_some_and(|link| link.is_open(changed_at(user.as_ref()), app.clock.now()));
    Ok(user.filter(|_| holds))
}

/// What the links of a user of this purpose remember that are open, and when each ends.
///
/// # Errors
/// When the database does not answer, or another version has written one that remembers other things.
pub async fn open_of_user<P: DeserializeOwned>(
    app: &App,
    purpose: Purpose,
    user: &User,
) -> Result<Vec<(P, Timestamp)>, ServiceError> {
    let (now, most) = (app.clock.now(), i64::try_from(purpose.most()).unwrap_or(i64::MAX));
    let read = async |conn: &mut Conn| one_time_link::open_of_user(conn, user.id, purpose, now, most).await;
    let links = app.store.read("find_links_of_account", read).await?;
    let found = links.into_iter().map(|link| {
        let ends = link.expires_at;
        let found = opened(app, link, Some(user.clone()), now)?;
        found.map(|found| Ok((found.payload()?, ends))).transpose()
    });
    found.filter_map(Result::transpose).collect()
}

/// Whether as many links of this purpose are open as may be: one more would end the oldest.
///
/// # Errors
/// When the database does not answer.
pub async fn are_at_most(app: &App, tx: &mut Conn, purpose: Purpose, user: UserId) -> Result<bool, StoreError> {
    let most = purpose.most();
    let limit = i64::try_from(most).unwrap_or(i64::MAX);
    let open = one_time_link::open_of_user(tx, user, purpose, app.clock.now(), limit).await?;
    Ok(open.len() >= most)
}

/// Ends the links that give an account its address back which were made with this one or after it: whoever could make them had
/// the account when it was not its owner's.
///
/// # Errors
/// When the database does not answer.
pub async fn end_newer_ways_back(tx: &mut Conn, found: &Found, user: UserId) -> Result<(), StoreError> {
    one_time_link::end_since(tx, user, found.link.purpose, found.link.created_at).await
}

/// Counts an answer that is compared with what a link remembers; `false` when as many were compared as may be, and then nothing is
/// to come of this one.
///
/// # Errors
/// When the database does not answer.
pub async fn count_try(app: &App, tx: &mut Conn, found: &Found) -> Result<bool, StoreError> {
    let OneTimeLink { purpose, hash, .. } = &found.link;
    one_time_link::count_code(tx, *purpose, hash, MOST_TRIES, app.clock.now()).await
}

/// Uses a link up that [`hold`] has found good in this transaction, whatever was done to its account since.
///
/// # Errors
/// When the database does not answer.
pub async fn take_held(app: &App, tx: &mut Conn, found: &Found) -> Result<bool, StoreError> {
    one_time_link::take(tx, found.link.purpose, &found.link.hash, app.clock.now()).await
}

/// Uses a link up, in the transaction of what it does; `false` when it was used meanwhile, or has become void. Nobody changes
/// its account until the transaction ends. Of twenty who come with it at once one is told `true`.
///
/// # Errors
/// When the database does not answer.
pub async fn take(app: &App, tx: &mut Conn, found: &Found) -> Result<bool, StoreError> {
    let (now, OneTimeLink { purpose, hash, user: whose, .. }) = (app.clock.now(), &found.link);
    let user = match whose {
        Some((id, _)) => {
            // As everything that changes an account: its row first.
            second_factor::lock(tx, *id).await?;
            user::find(tx, *id).await?
        }
        None => None,
    };
    Ok(found.link.is_open(changed_at(user.as_ref()), now) && one_time_link::take(tx, *purpose, hash, now).await?)
}

/// Ends the links of a user that hold only for as long as the account is as it was.
///
/// # Errors
/// When the database does not answer.
pub async fn end_of_user(tx: &mut Conn, user: UserId) -> Result<(), StoreError> {
    let ending: Vec<_> = Purpose::ALL.into_iter().filter(|purpose| purpose.ends_with_a_change()).collect();
    one_time_link::end_of_user(tx, user, &ending).await
}

fn changed_at(user: Option<&User>) -> Option<Timestamp> {
    user.map(|user| user.updated_at)
}

/// What a payload is bound to.
fn context(purpose: Purpose, hash: &SecretHash) -> String {
    let hash: String = hash.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("one_time_link/{}/{hash}", purpose.as_str())
}
