//! The brake on guessing passwords (docs/decisions/0016). Every attempt is counted before its password is looked at, so
//! that many at once count as many (CVE-2024-4629); what turns out to be no wrong password is taken back.

use std::net::IpAddr;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tokio::runtime::Handle;

use crate::app::App;
use crate::domain::account::user::User;
use crate::domain::sign_in::device::{self, DeviceCookie, REMEMBERED};
use crate::domain::sign_in::login_throttle::{LONGEST_WAIT, Limits, Pace};
use crate::domain::sign_in::place::places;
use crate::ephemeral::Limit;
use crate::foundation::{Timestamp, deadline, id::UserId};
use crate::services::ServiceError;
use crate::storage::sign_in::login_throttle as rows;
use crate::storage::sign_in::login_throttle::Owner;
use crate::storage::{Conn, StoreError};

/// How long failures on a name that nobody has are remembered.
const STRANGERS_KEPT: Duration = Duration::from_secs(90 * 86_400);

/// How long counting may take where no request is waited for.
const LONGEST_COUNT: Duration = Duration::from_secs(5);

/// Who tries, where from.
pub struct Guess<'a> {
    /// Whose password it is to be; `Err` with what was typed where nobody has that name.
    pub account: Result<&'a User, &'a str>,
    /// Where from.
    pub address: IpAddr,
    /// What the browser knows of earlier sign-ins.
    pub cookie: &'a DeviceCookie,
}

/// Why there is no attempt now.
pub enum Throttled {
    /// Wait so long.
    Wait(Duration),
    /// A hundred failures in a row: this account takes passwords from browsers that know it, or after an administrator
    /// has unlocked it.
    Stopped,
}

impl Throttled {
    /// When it is worth asking again.
    pub fn retry_after(&self) -> Duration {
        match self {
            Self::Wait(wait) => *wait,
            Self::Stopped => LONGEST_WAIT,
        }
    }
}

/// An attempt that is counted. Dropped before its password is compared, it is taken back: a full queue or a browser that
/// goes away is no wrong password.
pub struct Attempt {
    app: App,
    /// `None` for what is no guess.
    counted: Option<Counted>,
    /// Whether it counts for good.
    stands: bool,
}

/// What is counted for an attempt, and under which limits.
#[derive(Clone)]
struct Counted {
    at: Timestamp,
    limits: Limits,
    /// Whose streak this attempt lengthens: the account's, or that of one browser.
    owner: Owner,
    /// The streak of all the browsers that know the account, where this is one of them: however many cookies somebody has
    /// collected, they are good for so many failures in a row together.
    shared: Option<Owner>,
    /// When the failure before it was; known once it is counted.
    before: Timestamp,
    /// The account's own streak: a success ends it, too.
    account: String,
    /// Attempts on any account from these places.
    addresses: Vec<Limit>,
    /// Attempts on this account from the same places.
    here: Vec<Limit>,
    /// Whether those of places were counted outside of the database.
    outside: bool,
}

/// Counts an attempt, or refuses it. A browser that has signed in to this account before has a budget of its own, which
/// nobody else can use up. All others share one for each account, and one for each place that they come from. An attempt
/// that is refused counts no further.
///
/// # Errors
/// When the counters do not answer: guessing is not to be had by breaking them.
pub async fn attempt(app: &App, guess: Guess<'_>) -> Result<Result<Attempt, Throttled>, ServiceError> {
    let now = app.clock.now();
    let (known, any) = (by_device(app, &guess, now), by_anybody(app, &guess, now));
    // In a task of its own: if the request is dropped meanwhile, the attempt ends here and is taken back whole.
    let app = app.clone();
    let task = tokio::spawn(deadline::scope(deadline::left(LONGEST_COUNT), async move {
        if let Some(known) = known {
            match count(&app, known).await? {
                // A cookie whose own budget is used up for good is as good as none.
                Err(Throttled::Stopped) => {}
                decided => return Ok(decided),
            }
        }
        count(&app, any).await
    }));
    task.await.map_err(ServiceError::internal)?
}

/// Lets an account be tried again by everybody: an administrator has seen to it, or the owner proved to be themselves
/// by other means. Tells whether anything slowed it down.
///
/// # Errors
/// When the database does not answer.
pub async fn unlock(tx: &mut Conn, user: UserId) -> Result<bool, StoreError> {
    rows::end_of_user(tx, user).await
}

impl Attempt {
    /// What is no guess of a password or a code of an app, and has a bound of its own. It forgives nothing.
    pub fn uncounted(app: &App) -> Self {
        Self { app: app.clone(), counted: None, stands: true }
    }

    /// The password is about to be compared: from now on this attempt counts, unless [`Attempt::succeeded`].
    pub fn begins(&mut self) {
        self.stands = true;
    }

    /// The password was right, but the sign-in is not done yet: until [`Attempt::succeeded`] it can be taken back again.
    pub fn was_right(&mut self) {
        self.stands = false;
    }

    /// Forgets the failures before it, in the transaction of the sign-in. The attempt itself did not count against anybody
    /// else behind the same address.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn forgive(&self, tx: &mut Conn) -> Result<(), StoreError> {
        let Some(Counted { owner, shared, account, addresses, here, outside, .. }) = &self.counted else {
            return Ok(());
        };
        if !outside {
            self.app.ephemeral.settle_in(tx, addresses, here).await?;
        }
        let shared = shared.iter().map(|shared| shared.id.as_str());
        let names: Vec<_> = [account.as_str(), &owner.id].into_iter().chain(shared).collect();
        rows::end(tx, &names).await.map(drop)
    }

    /// The password was right, and a second factor is due: this attempt is no failure. Those before it still count, or
    /// whoever knows the password could try as many codes as they like.
    pub async fn set_aside(mut self) {
        self.stands = true;
        let Some(counted) = &self.counted else { return };
        if let Err(error) = take_back(&self.app, counted).await {
            tracing::warn!(%error, "a right password counts as a failure");
        }
    }

    /// The sign-in is committed.
    pub async fn succeeded(mut self) {
        self.stands = true;
        let Some(Counted { addresses, here, outside, .. }) = &self.counted else { return };
        if *outside {
            self.app.ephemeral.settle_outside(addresses, here, self.app.clock.now()).await;
        }
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if let (false, Ok(runtime)) = (self.stands, Handle::try_current()) {
            let (app, Some(counted)) = (self.app.clone(), self.counted.clone()) else { return };
            runtime.spawn(async move {
                if let Err(error) = take_back(&app, &counted).await {
                    tracing::warn!(%error, "a sign-in that was not tried counts as a failure");
                }
            });
        }
    }
}

/// For a browser that proves to have signed in to this account before.
fn by_device(app: &App, guess: &Guess<'_>, now: Timestamp) -> Option<Counted> {
    let user = guess.account.ok()?;
    let device = guess.cookie.device(&app.login_key, device::Account::of(user), now)?;
    let login = &app.settings.login;
    let id = row(app, &[b"device", user.id.as_uuid().as_bytes(), device.as_bytes()]);
    let all = row(app, &[b"devices", user.id.as_uuid().as_bytes()]);
    let of_user = |id| Owner { id, user: Some(user.id), expires_at: Some(now.after(REMEMBERED)) };
    Some(Counted {
        at: now,
        limits: Limits::of_device(login.account_attempts, login.consecutive_failures),
        owner: of_user(id),
        shared: Some(of_user(all)),
        before: now,
        account: account_row(app, guess),
        addresses: Vec::new(),
        here: Vec::new(),
        outside: false,
    })
}

/// For any other.
fn by_anybody(app: &App, guess: &Guess<'_>, now: Timestamp) -> Counted {
    let login = &app.settings.login;
    let account = account_row(app, guess);
    let user = guess.account.ok().map(|user| user.id);
    let expires_at = user.is_none().then(|| now.after(STRANGERS_KEPT));
    let (mut addresses, mut here) = (Vec::new(), Vec::new());
    for place in places(guess.address) {
        let limit = |key: &str, single: u32| app.ephemeral.limit(key, u64::from(single.saturating_mul(place.share)));
        addresses.push(limit(&format!("login:address:{place}"), login.address_attempts));
        here.push(limit(&format!("login:account:{account}:{place}"), login.account_attempts));
    }
    Counted {
        at: now,
        limits: Limits::of_account(login.account_attempts, login.consecutive_failures),
        owner: Owner { id: account.clone(), user, expires_at },
        shared: None,
        before: now,
        account,
        addresses,
        here,
        outside: false,
    }
}

/// Whoever has the database cannot read from it which names were tried.
fn account_row(app: &App, guess: &Guess<'_>) -> String {
    match guess.account {
        Ok(user) => row(app, &[b"account", user.id.as_uuid().as_bytes()]),
        Err(typed) => row(app, &[b"nobody", typed.as_bytes()]),
    }
}

fn row(app: &App, parts: &[&[u8]]) -> String {
    URL_SAFE_NO_PAD.encode(app.login_key.mac(parts))
}

/// Counts it all, in one transaction where the counters are in the database too, or nothing.
async fn count(app: &App, mut counted: Counted) -> Result<Result<Attempt, Throttled>, ServiceError> {
    let window = app.settings.login.window;
    let places: Vec<_> = counted.addresses.iter().chain(&counted.here).cloned().collect();
    let outside = app.ephemeral.hit_each_outside(&places, window, counted.at).await;
    if let Some(Some(hits)) = outside {
        return Ok(Err(Throttled::Wait(hits.resets_in)));
    }
    counted.outside = outside.is_some();
    let inside = if counted.outside { &[] } else { places.as_slice() };
    let Counted { at, limits, owner, shared, .. } = &counted;
    let decided = app
        .store
        .transaction("count_sign_in", async |tx| {
            if let Some(hits) = app.ephemeral.hit_each_in(tx, inside, window, *at).await? {
                return Ok(Err(Throttled::Wait(hits.resets_in)));
            }
            // In the order of their keys, as they are ended: two at once would wait for each other.
            let mut all_before = 0;
            if let Some(shared) = shared.as_ref().filter(|shared| shared.id < owner.id) {
                all_before = rows::count(tx, shared, *at).await?.failures;
            }
            let streak = rows::count(tx, owner, *at).await?;
            if let Some(shared) = shared.as_ref().filter(|shared| shared.id > owner.id) {
                all_before = rows::count(tx, shared, *at).await?.failures;
            }
            let throttled = match streak.pace(*limits, *at) {
                _ if all_before >= limits.most => Throttled::Stopped,
                Pace::Free => {
                    if streak.failures > 0 {
                        rows::stamp(tx, owner, *at).await?;
                    }
                    return Ok(Ok(streak.last_at));
                }
                Pace::Wait(wait) => Throttled::Wait(wait),
                Pace::Stopped => Throttled::Stopped,
            };
            app.ephemeral.settle_in(tx, inside, &[]).await?;
            uncount(tx, &counted).await?;
            Ok(Err(throttled))
        })
        .await?;
    match decided {
        Ok(before) => {
            counted.before = before;
            Ok(Ok(Attempt { app: app.clone(), counted: Some(counted), stands: false }))
        }
        Err(throttled) => {
            if counted.outside {
                app.ephemeral.settle_outside(&places, &[], counted.at).await;
            }
            Ok(Err(throttled))
        }
    }
}

/// Takes an attempt out of the streaks that it has lengthened. None is left that never had another.
async fn uncount(tx: &mut Conn, counted: &Counted) -> Result<(), StoreError> {
    let Counted { at, before, owner, shared, .. } = counted;
    let mut streaks: Vec<_> =
        std::iter::once((owner, *before)).chain(shared.iter().map(|shared| (shared, *at))).collect();
    streaks.sort_by(|(one, _), (other, _)| one.id.cmp(&other.id));
    for (owner, before) in streaks {
        rows::take_back(tx, owner, *at, before).await?;
    }
    Ok(())
}

/// As if it had never been made.
async fn take_back(app: &App, counted: &Counted) -> Result<(), ServiceError> {
    let places: Vec<_> = counted.addresses.iter().chain(&counted.here).cloned().collect();
    let inside = match counted.outside && app.ephemeral.settle_outside(&places, &[], counted.at).await {
        true => &[],
        false => places.as_slice(),
    };
    app.store
        .transaction("take_back_sign_in", async |tx| {
            app.ephemeral.settle_in(tx, inside, &[]).await?;
            uncount(tx, counted).await
        })
        .await?;
    Ok(())
}
