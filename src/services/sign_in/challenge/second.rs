//! The second step: something else than the password.

use super::here::{Here, Next, Told, reply, unknown_way};
use super::own_factors::OwnFactors;
use crate::domain::factor::recovery_code::RecoveryCode;
use crate::domain::factor::totp::TotpCode;
use crate::domain::oauth::params::Params;
use crate::domain::sign_in::challenge::Way;
use crate::domain::sign_in::device::DeviceCookie;
use crate::services::ServiceError;
use crate::services::factor::verify::Code;
use crate::services::sign_in::second_factor::{self, Answer};

impl Here<'_> {
    /// Takes it, in the way that the application chooses.
    pub(super) async fn second(self, params: &Params) -> Result<Told, ServiceError> {
        let own = OwnFactors::of(self.app, self.ask).await?;
        let next = Next::new(self.session.clone(), own.ways());
        let way = match params.get("method") {
            Some(text) => Way::parse(text),
            None if params.get("passkey").is_some() => Some(Way::Passkey),
            None => Some(Way::Totp),
        };
        let typed = params.get("code");
        let code = match way {
            Some(Way::Totp) if typed.is_none() => None,
            Some(Way::Totp) => Some(typed.and_then(TotpCode::typed).map(Code::Totp)),
            Some(Way::RecoveryCode) if typed.is_none() => None,
            Some(Way::RecoveryCode) => Some(typed.and_then(RecoveryCode::typed).map(Code::Recovery)),
            Some(Way::Passkey) => {
                let place = self.ask.set_up_in().map(|place| place.place());
                match reply(params)?.zip(place) {
                    Some((reply, place)) => Some(Some(Code::Passkey(reply, place))),
                    None => {
                        let Some(challenge) = own.ask_passkey(self.app, self.ask)? else {
                            return Err(unknown_way(way));
                        };
                        return Ok(Told::Next(Next { passkey: Some(challenge), ..next }));
                    }
                }
            }
            _ => return Err(unknown_way(way)),
        };
        let Some(code) = code else { return Ok(if next.ways.is_empty() { Told::Web } else { Told::Next(next) }) };
        // What cannot be a code need not be looked for.
        let Some(code) = code else { return Ok(Told::Wrong(next)) };
        let answer = Answer {
            code,
            address: self.address,
            device: &DeviceCookie::default(),
            browser: self.before(),
            flow: &self.session.flow,
            remember: false,
        };
        let done = second_factor::complete(self.app, self.by, self.ask, answer).await?;
        self.told(done, next).await
    }
}
