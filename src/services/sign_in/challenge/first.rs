//! The first step: who somebody is.

use super::here::{Here, Next, Told, reply, unknown_way};
use crate::domain::oauth::params::Params;
use crate::domain::sign_in::challenge::{AuthSession, Stage, Way};
use crate::domain::sign_in::device::DeviceCookie;
use crate::foundation::{Secret, SecretHash, SecretString};
use crate::services::ServiceError;
use crate::services::account::asked_by_mail::{self, Heard, Wanted};
use crate::services::factor;
use crate::services::sign_in::by_mail::{self, Came};
use crate::services::sign_in::login::{self, Attempt};
use crate::services::sign_in::passkey;

impl Here<'_> {
    /// Takes it, in the way that the application chooses.
    pub(super) async fn first(self, params: &Params) -> Result<Told, ServiceError> {
        match (self.session.stage.clone(), params.get("email_code")) {
            (Stage::Mailed(asked), Some(typed)) => return self.mailed_code(&asked, typed).await,
            (Stage::SigningUp(asked), Some(typed)) => return self.sign_up_code(&asked, typed).await,
            _ => {}
        }
        let way = params.get("method").map_or(Some(Way::Password), Way::parse);
        match way.filter(|way| self.ways().contains(way) || *way == Way::PasswordReset) {
            Some(Way::Password) => self.password(params).await,
            Some(Way::EmailCode) => self.mail(params).await,
            Some(Way::Passkey) => self.passkey(params).await,
            Some(Way::SignUp) => self.sign_up(params).await,
            Some(Way::PasswordReset) if asked_by_mail::is_offered(self.app) => self.reset(params).await,
            _ => Err(unknown_way(way)),
        }
    }

    async fn password(self, params: &Params) -> Result<Told, ServiceError> {
        let next = self.begun();
        let (Some(username), Some(password)) = (params.get("username"), params.get("password")) else {
            return Ok(Told::Next(next));
        };
        let attempt = Attempt {
            username,
            password: SecretString::new(password.to_owned()),
            address: self.address,
            device: &DeviceCookie::default(),
            browser: self.before(),
            flow: &self.session.flow,
            stays: false,
        };
        let done = login::sign_in(self.app, self.by, self.ask, attempt).await?;
        self.told(done, next).await
    }

    /// Has a code mailed to whoever has that name. Whether there is anybody, and whether a mail was sent, is not told: the code
    /// is asked for all the same. What that can make us store is bounded as at the sign-in page, and together with it.
    async fn mail(self, params: &Params) -> Result<Told, ServiceError> {
        let Some(username) = params.get("username") else { return Ok(Told::Next(self.begun())) };
        let asked = Secret::generate(&self.app.random).reveal();
        let browser = SecretHash::of(&self.bound_to_mail(&asked));
        let wanted = Wanted::SignIn {
            flow: self.session.flow.clone(),
            browser: browser.as_bytes().to_vec(),
            asked: None,
            stays: false,
        };
        let heard = asked_by_mail::ask(self.app, &self.by.origin, username, wanted, self.locale.clone()).await?;
        Ok(match heard {
            Heard::Yes => Told::Next(Next::new(self.session.at(Stage::Mailed(asked)), vec![Way::EmailCode])),
            Heard::Wait(wait) => Told::Wait(wait),
        })
    }

    /// Has a link mailed by which another password is chosen, on a page. It is told and bounded as [`Self::mail`].
    async fn reset(self, params: &Params) -> Result<Told, ServiceError> {
        let Some(username) = params.get("username") else { return Ok(Told::Next(self.begun())) };
        // What waits here cannot go on in the browser in which the link is opened.
        let wanted = Wanted::Reset { flow: None };
        let heard = asked_by_mail::ask(self.app, &self.by.origin, username, wanted, self.locale.clone()).await?;
        Ok(match heard {
            Heard::Yes => Told::Next(self.begun()),
            Heard::Wait(wait) => Told::Wait(wait),
        })
    }

    async fn mailed_code(self, asked: &str, typed: &str) -> Result<Told, ServiceError> {
        let next = Next::new(self.session.clone(), vec![Way::EmailCode]);
        let mailed_to = self.bound_to_mail(asked);
        let came = Came {
            address: self.address,
            device: &DeviceCookie::default(),
            browser: self.before(),
            flow: &self.session.flow,
            mailed_to: Some(&mailed_to),
        };
        let done = by_mail::by_code(self.app, self.by, self.ask, typed, came).await?;
        self.told(done, next).await
    }

    /// Asks for a passkey, whosever it is, or takes one. Nothing is stored for asking.
    async fn passkey(self, params: &Params) -> Result<Told, ServiceError> {
        let flow = &self.session.flow;
        let asked = factor::passkey::ask_anybody(self.app, SecretHash::of(self.binding), flow)?;
        let next = Next { passkey: asked, ..Next::new(AuthSession::new(flow.clone()), vec![Way::Passkey]) };
        let Some(reply) = reply(params)? else { return Ok(Told::Next(next)) };
        let attempt = passkey::Attempt {
            reply,
            address: self.address,
            device: &DeviceCookie::default(),
            browser: self.before(),
            flow,
            stays: false,
        };
        let done = passkey::sign_in(self.app, self.by, self.ask, attempt).await?;
        self.told(done, next).await
    }
}
