//! Codes that somebody gives, and what their passkeys sign: which factor they prove, and taking them so that each works once.

use super::signature::{self, Inserted, NewPasskey, Reply, Signature};
use crate::app::App;
use crate::crypto::totp::TotpSecret;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::Allowed;
use crate::domain::account::user::User;
use crate::domain::factor::method::Method;
use crate::domain::factor::passkey::Purpose;
use crate::domain::factor::proof::Proof;
use crate::domain::factor::recovery_code::RecoveryCode;
use crate::domain::factor::second_factor::{Kind, SecondFactor};
use crate::domain::factor::totp::{Step, TotpCode};
use crate::domain::operation::audit_event::{Action, NewEvent, Target};
use crate::foundation::{
    SecretHash, Timestamp,
    id::{CredentialId, UserId},
};
use crate::mail::message::{Circumstances, Message};
use crate::services::ServiceError;
use crate::services::operation::events::event;
use crate::storage::factor::{recovery_code, second_factor};
use crate::storage::federation::identity;
use crate::storage::{Conn, StoreError};

/// What somebody gives to prove themselves.
pub enum Code<'a> {
    /// Of an authenticator app that they have added.
    Totp(TotpCode),
    /// Of the list on paper.
    Recovery(RecoveryCode),
    /// Of an app that they are setting up, what it is to be called, and in which session or half sign-in that is.
    NewTotp(TotpCode, Option<String>, SecretHash),
    /// What one of their passkeys signed, in answer to the challenge of a page in this session or half sign-in.
    Passkey(Reply<'a>, SecretHash),
    /// What a passkey signed that they add there, and what it is to be called.
    NewPasskey(Reply<'a>, Option<String>, SecretHash),
}

/// A code or a signature that is right, and not taken yet.
#[derive(Debug)]
pub enum Right {
    /// Of this app.
    Totp(CredentialId, Step),
    /// The hash of one from the list.
    Recovery(SecretHash),
    /// Of the app that is being set up, and its name.
    NewTotp(CredentialId, Step, Option<String>),
    /// Of a passkey.
    Passkey(Box<Signature>),
    /// Of the passkey that is added.
    NewPasskey(Box<NewPasskey>),
    /// Of nothing that was typed: a provider said who it is, and this identity is connected to the account.
    Upstream(CredentialId),
}

/// What the code of `user` is right for; `None` when it is wrong, or was used.
///
/// # Errors
/// When the database does not answer, or a secret cannot be opened: never because of what was given.
pub async fn find<P>(
    app: &App,
    may: &Allowed<'_, P>,
    user: &User,
    code: &Code<'_>,
) -> Result<Option<Right>, ServiceError> {
    match code {
        Code::Totp(code) => {
            let factors =
                app.store.read("find_factors", async |conn| second_factor::of_user(conn, user.id).await).await?;
            for factor in factors.iter().filter(|factor| factor.kind == Kind::Totp) {
                if let Some(step) = step_of(app, user.id, factor, code)?.filter(|step| step.follows(factor.last_step)) {
                    return Ok(Some(Right::Totp(factor.id, step)));
                }
            }
            Ok(None)
        }
        Code::Recovery(code) => {
            let hash = code.hash(&app.factor_key, user.id);
            let unused = app
                .store
                .read("find_recovery_code", async |conn| recovery_code::is_unused(conn, user.id, &hash).await)
                .await?;
            Ok(unused.then_some(Right::Recovery(hash)))
        }
        Code::NewTotp(code, name, place) => {
            let now = app.clock.now();
            let factor = app
                .store
                .read("find_new_factor", async |conn| second_factor::unconfirmed(conn, user.id, *place, now).await)
                .await?;
            let Some(factor) = factor else { return Ok(None) };
            let step = step_of(app, user.id, &factor, code)?;
            Ok(step.map(|step| Right::NewTotp(factor.id, step, name.clone())))
        }
        Code::Passkey(reply, place) => {
            let purpose = Purpose::SecondFactor(user.id, *place);
            let signature = signature::of_user(app, may, user, &purpose, *reply).await?;
            Ok(signature.map(|signature| Right::Passkey(Box::new(signature))))
        }
        Code::NewPasskey(reply, name, place) => {
            let new = signature::new(app, &Purpose::Register(user.id, *place), name.clone(), *reply)?;
            Ok(new.map(|new| Right::NewPasskey(Box::new(new))))
        }
    }
}

/// The step of an app's code, if it is one of now.
fn step_of(app: &App, user: UserId, factor: &SecondFactor, code: &TotpCode) -> Result<Option<Step>, ServiceError> {
    let now = app.clock.now();
    let step = open(app, user, factor)?.step_of(code.as_str(), now.as_secs())?;
    Ok(step.map(|number| Step::given(number, now)))
}

/// The secret of an app.
///
/// # Errors
/// When it cannot be opened: it was altered, or sealed under another master key.
pub(super) fn open(app: &App, user: UserId, factor: &SecondFactor) -> Result<TotpSecret, ServiceError> {
    let sealed = factor.sealed.as_deref().unwrap_or_default();
    Ok(TotpSecret::from_bytes(&app.master.open(&context(user, factor.id), sealed)?)?)
}

/// What the secret of an app is sealed for: one user's one factor, so that nothing is gained by moving it.
pub(super) fn context(user: UserId, factor: CredentialId) -> String {
    format!("totp/{user}/{factor}")
}

impl Right {
    /// What it proves.
    pub fn proof(&self, at: Timestamp) -> Proof {
        let (method, credential) = match self {
            Self::Passkey(signature) => return signature.proof(at),
            Self::NewPasskey(new) => return new.proof(at),
            Self::Totp(factor, _) | Self::NewTotp(factor, ..) => (Method::Totp, Some(*factor)),
            Self::Recovery(_) => (Method::RecoveryCode, None),
            Self::Upstream(identity) => (Method::Upstream, Some(*identity)),
        };
        Proof::by(method, at, credential)
    }

    /// Takes it, in the transaction of what it proves; `false` when another was faster. Only after [`second_factor::lock`].
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn take(&self, tx: &mut Conn, user: UserId, now: Timestamp) -> Result<bool, StoreError> {
        match self {
            Self::Totp(factor, step) => second_factor::take_step(tx, user, *factor, *step, now).await,
            Self::Recovery(hash) => recovery_code::take(tx, user, hash, now).await,
            Self::NewTotp(factor, step, name) => {
                let confirmed = second_factor::confirm(tx, user, *factor, name.as_deref(), *step, now).await?;
                second_factor::mark(tx, user).await?;
                Ok(confirmed)
            }
            Self::Passkey(signature) => signature.take(tx, user, now).await,
            Self::Upstream(id) => identity::note_use(tx, user, *id, now).await,
            Self::NewPasskey(new) => Ok(new.insert(tx, user).await? == Inserted::Added),
        }
    }

    /// What its person is told by mail, whoever gave it.
    pub fn message(&self) -> Option<fn(Circumstances) -> Message> {
        match self {
            Self::Totp(..) | Self::Passkey(_) | Self::Upstream(_) => None,
            Self::Recovery(_) => Some(Message::RecoveryCodeUsed),
            Self::NewTotp(..) | Self::NewPasskey(_) => Some(Message::FactorAdded),
        }
    }

    /// What is written down of it, beside the session that it leads to; done by `by`.
    pub fn event<P>(&self, app: &App, may: &Allowed<'_, P>, by: Actor, user: UserId) -> Option<NewEvent> {
        let told = |action| event(app, may, action).by(by).about(Target::user(user));
        match self {
            Self::Totp(..) | Self::Passkey(_) | Self::Upstream(_) => None,
            Self::Recovery(_) => Some(told(Action::RecoveryCodeUsed)),
            Self::NewTotp(factor, ..) => Some(told(Action::FactorAdded).about(Target::factor(*factor))),
            Self::NewPasskey(new) => Some(told(Action::FactorAdded).about(Target::factor(new.factor()))),
        }
    }
}
