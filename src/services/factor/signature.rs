//! What a passkey has signed: whose it is, and taking it so that it counts once.

use super::challenge::{self, Used};
use crate::app::App;
use crate::crypto::passkey::{Asserted, Assertion, NewCredential, PasskeyError, RelyingParty};
use crate::domain::access::permission::Allowed;
use crate::domain::account::user::User;
use crate::domain::factor::method::Method;
use crate::domain::factor::passkey::{Purpose, follows};
use crate::domain::factor::proof::Proof;
use crate::domain::factor::second_factor::{Kind, SecondFactor};
use crate::domain::operation::audit_event::{Action, Target};
use crate::foundation::{
    Timestamp,
    id::{CredentialId, UserId},
};
use crate::mail::message::Message;
use crate::services::ServiceError;
use crate::services::account::tell;
use crate::services::operation::events::event;
use crate::services::operation::jobs;
use crate::storage::factor::{passkey, second_factor};
use crate::storage::operation::audit_event;
use crate::storage::{Conn, StoreError};

/// What a page's form sends of a ceremony.
#[derive(Clone, Copy, Debug)]
pub struct Reply<'a> {
    /// The challenge, sealed.
    pub challenge: &'a str,
    /// What the browser answered, as JSON.
    pub answer: &'a str,
}

/// A signature of a passkey that is right, and not taken yet.
#[derive(Debug)]
pub struct Signature {
    factor: CredentialId,
    method: Method,
    sign_count: u32,
    /// The passkey, as it is from now on.
    credential: String,
    used: Used,
}

/// A passkey that was just made, and is not its owner's yet.
#[derive(Debug)]
pub struct NewPasskey {
    factor: SecondFactor,
    method: Method,
    id: Vec<u8>,
    sign_count: u32,
    used: Used,
}

/// What became of adding it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inserted {
    /// It is its owner's.
    Added,
    /// Its challenge was answered before: by the other of two clicks.
    Used,
    /// This credential is somebody's already.
    Known,
    /// The person has as many as there may be.
    TooMany,
}

impl Signature {
    /// What it proves.
    pub fn proof(&self, at: Timestamp) -> Proof {
        Proof::by(self.method, at, Some(self.factor))
    }

    /// Takes it; `false` when another was faster, or the passkey is gone. Only after [`second_factor::lock`].
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn take(&self, tx: &mut Conn, user: UserId, now: Timestamp) -> Result<bool, StoreError> {
        let Self { factor, sign_count, credential, used, .. } = self;
        Ok(used.take(tx).await? && passkey::take_signature(tx, user, *factor, *sign_count, credential, now).await?)
    }
}

impl NewPasskey {
    /// Its id among the factors.
    pub fn factor(&self) -> CredentialId {
        self.factor.id
    }

    /// What having made it proves.
    pub fn proof(&self, at: Timestamp) -> Proof {
        Proof::by(self.method, at, Some(self.factor.id))
    }

    /// Gives it to its owner. Only after [`second_factor::lock`].
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn insert(&self, tx: &mut Conn, user: UserId) -> Result<Inserted, StoreError> {
        if !Kind::Passkey.has_room(&second_factor::of_user(tx, user).await?) {
            return Ok(Inserted::TooMany);
        }
        if !self.used.take(tx).await? {
            return Ok(Inserted::Used);
        }
        if !passkey::insert(tx, user, &self.factor, &self.id, self.sign_count).await? {
            return Ok(Inserted::Known);
        }
        second_factor::mark(tx, user).await?;
        Ok(Inserted::Added)
    }
}

/// What this person's passkey signed after their password, in answer to a challenge for this `purpose`; `None` when that does
/// not hold.
///
/// # Errors
/// When the database does not answer.
pub async fn of_user<P>(
    app: &App,
    may: &Allowed<'_, P>,
    user: &User,
    purpose: &Purpose,
    reply: Reply<'_>,
) -> Result<Option<Signature>, ServiceError> {
    let Some((party, opened, answer)) = arrived(app, purpose, reply) else { return Ok(None) };
    let Some(known) = found(app, &answer).await?.filter(|known| known.owner.id == user.id) else {
        return Ok(None);
    };
    // An authenticator need not say whose it is, but must not say that it is another's (WebAuthn §7.2, step 6).
    if answer.handle().is_some_and(|handle| handle != Ok(known.owner.id.as_uuid())) {
        return Ok(None);
    }
    judged(app, may, &known, opened.used, party.finish_assertion(&opened.state, &answer)).await
}

/// Who signed in answer to a challenge for this `purpose`, and what; `None` when that does not hold. The authenticator has
/// to say whose the passkey is, and has known its owner.
///
/// # Errors
/// When the database does not answer.
pub async fn of_anybody<P>(
    app: &App,
    may: &Allowed<'_, P>,
    purpose: &Purpose,
    reply: Reply<'_>,
) -> Result<Option<(User, Signature)>, ServiceError> {
    let Some((party, opened, answer)) = arrived(app, purpose, reply) else { return Ok(None) };
    let Some(known) = found(app, &answer).await? else { return Ok(None) };
    if answer.handle() != Some(Ok(known.owner.id.as_uuid())) {
        return Ok(None);
    }
    let stored = known.factor.credential.as_deref().unwrap_or_default();
    let finished = party.finish_discovery(&opened.state, &answer, stored);
    Ok(judged(app, may, &known, opened.used, finished).await?.map(|signature| (known.owner, signature)))
}

/// What a person has just made, in answer to a challenge for this `purpose`; `None` when that does not hold.
///
/// # Errors
/// None in practice.
pub fn new(
    app: &App,
    purpose: &Purpose,
    name: Option<String>,
    reply: Reply<'_>,
) -> Result<Option<NewPasskey>, ServiceError> {
    let Some(party) = &app.relying_party else { return Ok(None) };
    let Some(opened) = challenge::open(app, purpose, reply.challenge) else { return Ok(None) };
    let made = match party.finish_registration(&opened.state, reply.answer) {
        Ok(made) => made,
        Err(PasskeyError::Internal(error)) => return Err(error.into()),
        Err(error) => {
            tracing::info!(%error, "passkey not added");
            return Ok(None);
        }
    };
    let (now, NewCredential { id, stored, sign_count, verified }) = (app.clock.now(), made);
    let factor = SecondFactor {
        id: CredentialId::generate(&app.random, now),
        kind: Kind::Passkey,
        name,
        sealed: None,
        last_step: None,
        credential: Some(stored),
        suspected_at: None,
        created_at: now,
        confirmed_at: Some(now),
        last_used_at: None,
    };
    Ok(Some(NewPasskey { factor, method: method(verified), id, sign_count, used: opened.used }))
}

fn method(verified: bool) -> Method {
    if verified { Method::Passkey } else { Method::SecurityKey }
}

/// The parts of an answer to a challenge that was made for this.
fn arrived<'a>(
    app: &'a App,
    purpose: &Purpose,
    reply: Reply<'_>,
) -> Option<(&'a RelyingParty, challenge::Opened, Assertion)> {
    let party = app.relying_party.as_ref()?;
    Some((party, challenge::open(app, purpose, reply.challenge)?, Assertion::parse(reply.answer)?))
}

/// A passkey that somebody has.
struct Known {
    factor: SecondFactor,
    /// The counter of the signature that was taken last.
    sign_count: i64,
    owner: User,
}

async fn found(app: &App, answer: &Assertion) -> Result<Option<Known>, ServiceError> {
    let found = app.store.read("find_passkey", async |conn| passkey::find(conn, answer.credential()).await).await?;
    Ok(found.map(|(factor, sign_count, owner)| Known { factor, sign_count, owner }))
}

/// What a finished ceremony comes to.
async fn judged<P>(
    app: &App,
    may: &Allowed<'_, P>,
    known: &Known,
    used: Used,
    finished: Result<Asserted, PasskeyError>,
) -> Result<Option<Signature>, ServiceError> {
    let asserted = match finished {
        Ok(asserted) => asserted,
        Err(PasskeyError::Internal(error)) => return Err(error.into()),
        Err(PasskeyError::Copied) => {
            suspect(app, may, known).await?;
            return Ok(None);
        }
        Err(error) => {
            tracing::debug!(%error, "passkey refused");
            return Ok(None);
        }
    };
    let Known { factor, sign_count: last, .. } = known;
    let (method, sign_count) = (method(asserted.is_verified()), asserted.sign_count());
    // The ceremony has compared it with the state of when its page was made.
    if !follows(*last, i64::from(sign_count)) {
        suspect(app, may, known).await?;
        return Ok(None);
    }
    let credential = asserted.applied_to(factor.credential.as_deref().unwrap_or_default())?;
    Ok(Some(Signature { factor: factor.id, method, sign_count, credential, used }))
}

/// The counter of a passkey went backwards. Its owner and the operator are told once: whoever has a copy could do it again
/// and again.
async fn suspect<P>(app: &App, may: &Allowed<'_, P>, known: &Known) -> Result<(), ServiceError> {
    let (now, Known { factor, owner, .. }) = (app.clock.now(), known);
    let told = event(app, may, Action::PasskeySuspected).about(Target::user(owner.id)).about(Target::factor(factor.id));
    let mail = tell::prepare(app, may.by(), owner, Message::PasskeySuspected);
    let first = app
        .store
        .transaction("suspect_passkey", async |tx| {
            let first = passkey::suspect(tx, factor.id, now).await?;
            if first {
                mail.enqueue(app, tx).await?;
            }
            audit_event::insert_if(tx, first, &told).await
        })
        .await?;
    if first {
        jobs::begin(app);
        tracing::warn!(user = %owner.id, "passkey refused: its signature counter went backwards, so there may be a copy of it");
    }
    Ok(())
}
