//! What somebody has, beside the password that they gave in an application's own form.

use crate::app::App;
use crate::domain::account::user::User;
use crate::domain::factor::second_factor::{Kind, SecondFactor};
use crate::domain::sign_in::challenge::Way;
use crate::services::ServiceError;
use crate::services::factor::challenge::Challenge;
use crate::services::factor::{self, recovery_codes};
use crate::services::sign_in::progress::Ask;

/// Who is asked, and what they have.
pub(super) struct OwnFactors {
    user: Option<User>,
    factors: Vec<SecondFactor>,
    codes_left: bool,
}

impl OwnFactors {
    /// Whoever has given the first half.
    pub(super) async fn of(app: &App, ask: &Ask) -> Result<Self, ServiceError> {
        let Some(user) = ask.whom().cloned() else {
            return Ok(Self { user: None, factors: Vec::new(), codes_left: false });
        };
        let factors = factor::list(app, &user).await?;
        let codes_left = recovery_codes::left(app, &user).await?.is_some_and(|(left, _)| left > 0);
        Ok(Self { user: Some(user), factors, codes_left })
    }

    /// What they can give here. What needs a page of ours is none of it.
    pub(super) fn ways(&self) -> Vec<Way> {
        let has = |kind: Kind| self.factors.iter().any(|factor| factor.kind == kind);
        let ways = [
            has(Kind::Passkey).then_some(Way::Passkey),
            has(Kind::Totp).then_some(Way::Totp),
            self.codes_left.then_some(Way::RecoveryCode),
        ];
        ways.into_iter().flatten().collect()
    }

    /// Asks for one of their passkeys; `None` for whoever has none. Nothing is stored.
    pub(super) fn ask_passkey(&self, app: &App, ask: &Ask) -> Result<Option<Challenge>, ServiceError> {
        match (&self.user, ask.set_up_in()) {
            (Some(user), Some(place)) => factor::passkey::ask(app, user, &self.factors, place.place()),
            _ => Ok(None),
        }
    }
}
