//! An account that is made on the way: the address and a password, and then the code that was sent there.

use super::here::{Here, Next, Told};
use crate::domain::oauth::error::{ErrorCode, Refusal};
use crate::domain::oauth::params::Params;
use crate::domain::sign_in::challenge::{Stage, Way};
use crate::domain::sign_in::destination::{Destination, OwnPage};
use crate::domain::sign_in::device::DeviceCookie;
use crate::foundation::{Secret, SecretHash, SecretString};
use crate::services::ServiceError;
use crate::services::account::sign_up::{self, Asked, Browser, ByCode, First, SignUpCode, SignUpForm};
use crate::services::sign_in::authorize::Place;
use crate::services::sign_in::login::SignIn;

impl Here<'_> {
    /// Asks for an account. Whether the address has one makes no difference to the answer; what that can make us store is
    /// bounded as at the sign-up page, and together with it.
    pub(super) async fn sign_up(self, params: &Params) -> Result<Told, ServiceError> {
        let (Some(email), Some(password)) = (params.get("email"), params.get("password")) else {
            return Ok(Told::Next(self.begun()));
        };
        let asked = Secret::generate(&self.app.random).reveal();
        let form = SignUpForm {
            email,
            username: params.get("username").unwrap_or_default(),
            password: SecretString::new(password.to_owned()),
            address: self.address,
            flow: &self.session.flow,
            browser: SecretHash::of(&self.bound_to_mail(&asked)),
            locale: self.locale.clone(),
            with_code: true,
        };
        Ok(match sign_up::ask(self.app, self.by, form).await? {
            Asked::Sent => Told::Next(Next::new(self.session.at(Stage::SigningUp(asked)), vec![Way::EmailCode])),
            Asked::Wrong(wrong) => Told::Unfit(wrong, self.begun()),
            Asked::Wait(wait) => Told::Wait(wait),
        })
    }

    /// Makes the account, and signs its person in, by the password that they gave when they asked for it.
    pub(super) async fn sign_up_code(self, asked: &str, typed: &str) -> Result<Told, ServiceError> {
        let next = Next::new(self.session.clone(), vec![Way::EmailCode]);
        let asked_with = self.bound_to_mail(asked);
        let given = SignUpCode { asked_with: &asked_with, typed, address: self.address };
        let newcomer = match sign_up::confirm_by_code(self.app, self.by, given).await? {
            ByCode::Made(newcomer) => *newcomer,
            ByCode::Wrong => return Ok(Told::Wrong(next)),
            ByCode::Wait(wait) => return Ok(Told::Wait(wait)),
            ByCode::Taken => {
                let description = "Somebody else has the username or the address by now. Begin anew.";
                return Err(Refusal::new(ErrorCode::InvalidSession, description).into());
            }
        };
        let before = self.before();
        let here = Browser {
            place: Place { browser: Some(SecretHash::of(self.binding)), half: None },
            before: &before,
            device: &DeviceCookie::default(),
            address: self.address,
            stays: false,
        };
        let own = Destination::Page(OwnPage::Account);
        match sign_up::enter(self.app, self.by, newcomer, here, own).await? {
            First::In(entered, device) => self.told(SignIn::Done(entered, device), next).await,
            First::Half(halfway) => self.told(SignIn::Half(halfway), next).await,
            // There is an account, and its person signs in as everybody does.
            First::Elsewhere(_) => Ok(Told::Next(self.begun())),
        }
    }
}
