//! What cannot be without passwords: it is refused at the start, since nobody could sign in, or do what they were asked to.

use super::factors::Passkeys;
use super::login::Switch;
use super::reader::Reader;
use super::signup::SignUpMode;
use super::{Factors, Login, ProviderSettings, SignUp};

/// Refuses what needs passwords where nobody signs in with one.
pub(super) fn refuse(
    from: &mut Reader,
    (login, factors): (Option<&Login>, Option<&Factors>),
    signup: Option<&SignUp>,
    providers: Option<&[ProviderSettings]>,
) {
    let Some(login @ Login { password: Switch::Off, .. }) = login else { return };
    if let Some(SignUp { mode: SignUpMode::Open | SignUpMode::Invitation, .. }) = signup {
        from.refuse("signup.mode", "whoever signs up chooses a password: set login.password = \"on\" too");
    }
    let by_passkey = factors.is_none_or(|factors| factors.passkeys == Passkeys::SignIn);
    let by_provider = providers.is_none_or(|providers| !providers.is_empty());
    if login.email == Switch::Off && !by_passkey && !by_provider {
        from.refuse(
            "login.password",
            "nobody could sign in: there is no provider, no sign-in by mail and none by passkey",
        );
    }
}
