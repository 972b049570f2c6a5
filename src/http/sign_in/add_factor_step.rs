//! Adding a second factor, as a step of a sign-in: an app or a passkey, each with a page.

use super::entrance::{PageStep, Visit};
use super::next_page::ADD_FACTOR;
use crate::domain::account::user::User;
use crate::domain::factor::second_factor::SetUpIn;
use crate::domain::oauth::params::Params;
use crate::domain::sign_in::decision::Step;
use crate::services::factor::passkey;
use crate::services::sign_in::progress::Ask;

/// Adding a second factor as a step.
pub struct AddFactorStep {
    pub(super) user: User,
    /// What the app belongs to until it is confirmed, and the challenge of a passkey.
    pub(super) place: SetUpIn,
}

impl PageStep for AddFactorStep {
    const PATH: &'static str = ADD_FACTOR;
    const SAYS_WHY: bool = true;
    const AFTER_PASSWORD: bool = true;

    fn due(ask: &Ask, _: &Params) -> Option<Self> {
        let user = ask.whom().filter(|_| ask.step == Step::AddFactor)?;
        Some(Self { user: user.clone(), place: ask.set_up_in()? })
    }
}

impl Visit<AddFactorStep> {
    /// Whether it is to be a passkey, where it may be.
    pub(super) fn wants_passkey(&self) -> bool {
        self.params.get("method") == Some("passkey") && passkey::can_be_added(&self.app).is_some()
    }
}
