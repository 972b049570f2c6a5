//! Another address of one's own account, or the proof that the one there is is theirs: asked for in a fresh session, and done by
//! whoever reads the mail of the new address.

use std::net::IpAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::claim::{self, Claim, EmailChange, mailbox};
use super::one_time_link::{self, Found, NewLink, Whose};
use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::{ActOnSelf, FollowLink};
use crate::domain::account::identifier::LoginIdentifier;
use crate::domain::account::one_time_link::Purpose;
use crate::domain::account::renaming::{self, Renaming};
use crate::domain::account::sign_up::{NewAddress, Wrong};
use crate::domain::account::user::{Status, User};
use crate::domain::operation::audit_event::{Action, Change, Target};
use crate::domain::sign_in::mailed_code::MailedCode;
use crate::domain::sign_in::place::places;
use crate::foundation::id::{SessionId, UserId};
use crate::foundation::{Secret, SecretHash};
use crate::mail::message::Message;
use crate::services::ServiceError;
use crate::services::operation::events::event;
use crate::services::operation::mail::{self, NewMail, Queued};
use crate::services::operation::{brake, jobs};
use crate::services::sign_in::own_page::FreshSession;
use crate::storage::StoreError;
use crate::storage::account::{login_identifier, user};
use crate::storage::operation::audit_event;
use crate::storage::sign_in::session;

/// So often within [`WINDOW`] one account asks, one address is asked for from everywhere and from one place, and one place asks.
const MOST_OF_ACCOUNT: u64 = 10;
const MOST_OF_ADDRESS: u64 = 20;
const MOST_OF_ADDRESS_FROM_HERE: u32 = 5;
const MOST_FROM_PLACE: u32 = 30;
const WINDOW: Duration = Duration::from_secs(3600);

/// What somebody asks for.
pub struct AddressWanted<'a> {
    /// The address, as typed.
    pub typed: &'a str,
    /// Where from.
    pub from: IpAddr,
    /// The language in which they ask.
    pub locale: Option<String>,
    /// What a code of the mail is to be bound to; `None` where the link is enough.
    pub code_for: Option<SecretHash>,
}

/// What came of asking.
#[derive(Debug, PartialEq, Eq)]
pub enum ChangeAsked {
    /// There is a mail on its way, whoever has that address.
    Sent,
    /// It is the address that they have, and known to be theirs.
    Same,
    /// It cannot be taken, whoever has it.
    Wrong(Wrong),
    /// Too much was asked for: wait so long.
    Wait(Duration),
}

/// What a link that confirms an address, or gives one back, remembers.
#[derive(Serialize, Deserialize)]
pub(super) struct Address {
    pub(super) email: String,
}

/// What came of a confirmation.
#[derive(Debug, PartialEq, Eq)]
pub enum EmailConfirmed {
    /// The account has this address.
    Done(String),
    /// Somebody else has it by now.
    Taken,
    /// The link was used, its time is over, or the account has changed since.
    Over,
    /// It was changed so often lately that whoever has the address before could not be told, or could not take the change back.
    /// The link holds on.
    NotNow,
}

/// What came of following the link of the mail.
#[derive(Debug, PartialEq, Eq)]
pub enum LinkFollowed {
    /// Nobody is signed in to that account where the link was opened. The link holds on.
    NotSignedIn,
    /// This.
    Came(EmailConfirmed),
}

/// Asks for another address, or for a proof of the one that they have. Whether it is somebody else's makes no difference to the
/// answer: one job is written down, of a kilobyte.
///
/// # Errors
/// When the database does not answer.
pub async fn ask_for_address(
    app: &App,
    by: &Actor,
    fresh: &FreshSession,
    wanted: AddressWanted<'_>,
) -> Result<ChangeAsked, ServiceError> {
    let (owner, AddressWanted { typed, from, locale, code_for }) = (fresh.user(), wanted);
    by.may(ActOnSelf(owner.id))?;
    let address = match app.settings.sign_up.address(typed) {
        Ok(address) => address,
        Err(wrong) => match own(owner, typed) {
            // One that was given to them is theirs to prove, whatever the rules are.
            Some(address) => address,
            None => return Ok(ChangeAsked::Wrong(wrong)),
        },
    };
    if owner.email_verified && owner.email.as_deref() == Some(&*address.claim) {
        return Ok(ChangeAsked::Same);
    }
    let mut limits: Vec<_> = places(from)
        .iter()
        .map(|place| app.ephemeral.limit(&format!("address/{place}"), u64::from(MOST_FROM_PLACE * place.share)))
        .collect();
    limits.push(app.ephemeral.limit(&format!("address/of/{}", owner.id), MOST_OF_ACCOUNT));
    let name = address.identifier.as_str();
    limits.extend(places(from).iter().map(|place| {
        app.ephemeral.limit(&format!("address/{place}/{name}"), place.for_one(MOST_OF_ADDRESS_FROM_HERE))
    }));
    limits.push(app.ephemeral.limit(&format!("address/{name}"), MOST_OF_ADDRESS));
    if let Some(wait) = brake::hit(app, by, &limits, WINDOW).await? {
        return Ok(ChangeAsked::Wait(wait));
    }
    let change = EmailChange {
        user: owner.id.to_string(),
        email: address.claim,
        locale,
        code_for: code_for.map(|hash| hash.as_bytes().to_vec()),
        session: Some(fresh.session().id.to_string()),
        seen_at: Some(owner.updated_at),
    };
    claim::enqueue(app, by, &Claim::Change(change)).await?;
    Ok(ChangeAsked::Sent)
}

fn own(owner: &User, typed: &str) -> Option<NewAddress> {
    let address = NewAddress::parse(typed).ok()?;
    let has = owner.email.as_deref().and_then(|email| LoginIdentifier::email(email).ok());
    (has.as_ref() == Some(&address.identifier)).then_some(address)
}

/// Sends whoever reads the mail of the address a link that gives it to the account; or, where it is somebody else's, says so.
///
/// # Errors
/// When the database does not answer.
pub(in crate::services) async fn send_link(app: &App, by: &Actor, change: &EmailChange) -> Result<(), ServiceError> {
    let (Ok(id), Ok(address)) = (change.user.parse::<UserId>(), NewAddress::parse(&change.email)) else {
        return Err(ServiceError::internal("an address that was checked is none any more"));
    };
    let asked_in = change.session.as_deref().and_then(|session| session.parse::<SessionId>().ok());
    let (found, session) = app
        .store
        .read("find_whose_address_changes", async |conn| {
            let session = match asked_in {
                Some(session) => session::find(conn, session).await?,
                None => None,
            };
            Ok((user::find(conn, id).await?, session))
        })
        .await?;
    // What was asked for before all ended, or the account was changed, is not to be done after it.
    let ended = asked_in.is_some() && session.is_none_or(|session| session.ended_at.is_some());
    let same = |owner: &User| change.seen_at.is_none_or(|seen_at| seen_at == owner.updated_at);
    let owner = found.filter(|owner| owner.status == Status::Active && same(owner) && !ended);
    let Some(owner) = owner else { return Ok(()) };
    let locale = owner.locale().or_else(|| change.locale.clone());
    if let Some(told) = claim::somebodys(app, &address, Some(id), locale.clone()).await? {
        return claim::tell(app, by, told).await;
    }
    let asked = change.code_for.as_deref().and_then(SecretHash::from_stored);
    let asked = asked.unwrap_or_else(|| Secret::generate(&app.random).hash());
    let mut link = one_time_link::prepare(
        app,
        NewLink {
            purpose: Purpose::EmailConfirm,
            whose: Whose::User(&owner),
            payload: &Address { email: address.claim },
            // The link itself is for every browser in which the account is signed in. Each time of asking is one of its own:
            // were a link void because another was sent later, one's own would tell whether that other was sent.
            browser: Some(asked),
            expires_at: None,
        },
    )?;
    let mut code = None;
    if change.code_for.is_some() {
        let new = MailedCode::generate(&app.random);
        link = link.with_code(app, &new);
        code = Some(new.reveal());
    }
    let account = owner.login_name().unwrap_or_default().to_owned();
    let message = Message::EmailConfirm { path: link.path(), account, code };
    let mail = mail::prepare(app, by, NewMail { to: address.mailbox, locale, message })?;
    app.store
        .transaction("send_address_link", async |tx| match mail::enqueue(app, tx, &mail).await? {
            Queued::Added => one_time_link::insert(tx, &link).await,
            Queued::TooManyToOne | Queued::TooManyWaiting => Ok(()),
        })
        .await?;
    jobs::begin(app);
    Ok(())
}

/// What a link would do.
pub struct ToConfirm {
    /// The address that it gives.
    pub address: String,
    /// The account that gets it, as its person calls themselves.
    pub account: String,
    /// Whose account it is.
    pub owner: UserId,
}

/// The address that the link would give, and the account, if it is open. It uses nothing up.
///
/// # Errors
/// When the database does not answer.
pub async fn address_to_confirm(app: &App, token: &str) -> Result<Option<ToConfirm>, ServiceError> {
    let Some(found) = one_time_link::find(app, Purpose::EmailConfirm, token).await? else { return Ok(None) };
    let address = found.payload::<Address>()?.email;
    Ok(found.user.map(|user| ToConfirm { address, account: user.display_name(), owner: user.id }))
}

/// Gives an account the address that its link was sent to, which is proven by that. Whoever reads the mail of the address
/// before is told, if it was known to be theirs, and can undo it for a week.
///
/// The account has to be among those that are `signed_in` where the link was opened. Otherwise somebody who asks for another's
/// address has an account with that address, verified, as soon as its owner follows the link of a mail that they did not expect.
///
/// # Errors
/// When the database does not answer.
pub async fn confirm_address(
    app: &App,
    by: &Actor,
    token: &str,
    signed_in: &[UserId],
) -> Result<LinkFollowed, ServiceError> {
    match one_time_link::find(app, Purpose::EmailConfirm, token).await? {
        Some(found) if found.user.as_ref().is_some_and(|owner| signed_in.contains(&owner.id)) => {
            give(app, by, &found).await.map(LinkFollowed::Came)
        }
        Some(_) => Ok(LinkFollowed::NotSignedIn),
        None => Ok(LinkFollowed::Came(EmailConfirmed::Over)),
    }
}

/// Gives an account the address of a link that was found by its secret, or by its code.
pub(super) async fn give(app: &App, by: &Actor, found: &Found) -> Result<EmailConfirmed, ServiceError> {
    let may = by.may(FollowLink)?;
    let (Some(before), Address { email }) = (found.user.clone(), found.payload()?) else {
        return Ok(EmailConfirmed::Over);
    };
    // Later than before whatever the clock says: it is what tells two changes apart.
    let updated_at = app.clock.now().max(before.updated_at.after(Duration::from_micros(1)));
    let after = User { email: Some(email.clone()), email_verified: true, updated_at, ..before.clone() };
    let (names, name) = (Renaming::of(&before, &after)?, [renaming::email(&email)?]);
    let updated = event(app, &may, Action::UserUpdated).about(Target::user(before.id));
    let updated = updated.because("the address was confirmed").changed(Change::of_user(Some(&before), &after));
    let told = way_back(app, by, &before, &after)?;
    let id = before.id;
    let confirmed = app
        .store
        .transaction("confirm_address", async |tx| {
            if one_time_link::hold(app, tx, found).await?.is_none() {
                return Ok(Some(EmailConfirmed::Over));
            }
            if login_identifier::free(tx, id, &name).await?.is_err() {
                return Ok(Some(EmailConfirmed::Taken));
            }
            if let Some((link, mail)) = &told {
                // Before anything is changed: what its owner cannot take back is not done.
                if one_time_link::are_at_most(app, tx, Purpose::EmailUndo, id).await? {
                    return Ok(Some(EmailConfirmed::NotNow));
                }
                match mail::enqueue(app, tx, mail).await? {
                    Queued::Added => one_time_link::insert(tx, link).await?,
                    Queued::TooManyToOne => return Ok(Some(EmailConfirmed::NotNow)),
                    Queued::TooManyWaiting => return Ok(None),
                }
            }
            // From here on an error undoes the mail too.
            if user::replace(tx, &after, &names, before.updated_at).await? != Ok(true) {
                return Err(StoreError::Conflict);
            }
            if !one_time_link::take_held(app, tx, found).await? {
                return Err(StoreError::Conflict);
            }
            audit_event::insert(tx, &updated).await?;
            Ok(Some(EmailConfirmed::Done(email.clone())))
        })
        .await?;
    let confirmed = confirmed.ok_or_else(mail::are_too_many)?;
    jobs::begin(app);
    if matches!(confirmed, EmailConfirmed::Done(_)) {
        tracing::info!(user = %id, "address of an account confirmed");
    }
    Ok(confirmed)
}

/// A mail to the address before, with a link by which it is had back. An address that was never proven may be a stranger's: it
/// gets nothing.
fn way_back(
    app: &App,
    by: &Actor,
    before: &User,
    after: &User,
) -> Result<Option<(one_time_link::Prepared, mail::Prepared)>, ServiceError> {
    let canonical = |user: &User| user.email.as_deref().and_then(|email| LoginIdentifier::email(email).ok());
    let (Some(to), true) = (mailbox(before), before.email_verified) else { return Ok(None) };
    if canonical(before) == canonical(after) {
        return Ok(None);
    }
    let link = one_time_link::prepare(
        app,
        NewLink {
            purpose: Purpose::EmailUndo,
            whose: Whose::User(after),
            payload: &Address { email: before.email.clone().unwrap_or_default() },
            browser: None,
            expires_at: None,
        },
    )?;
    let message = Message::EmailChanged {
        path: link.path(),
        email: after.email.clone().unwrap_or_default(),
        until: link.expires_at(),
    };
    let mail = mail::prepare(app, by, NewMail { to, locale: before.locale(), message })?;
    Ok(Some((link, mail)))
}
