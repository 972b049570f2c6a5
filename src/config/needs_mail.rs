//! What cannot be without mail: it is refused at the start, since it would be missing without a word.

use super::factors::RecoveryDelay;
use super::login::Switch;
use super::reader::Reader;
use super::signup::SignUpMode;
use super::{Factors, Login, SignUp};

const SET: &str = "set mail.smtp.host and mail.from too";

/// Refuses what was asked for and needs mail; called where none can be sent. A default is never refused: nobody asked
/// for it, and without mail it is not offered.
pub(super) fn refuse(from: &mut Reader, login: Option<&Login>, factors: Option<&Factors>, signup: Option<&SignUp>) {
    if let Some(SignUp { mode: SignUpMode::Open | SignUpMode::Invitation, .. }) = signup {
        from.refuse("signup.mode", format!("whoever signs up gets a link by mail: {SET}"));
    }
    if let Some(Login { email: Switch::On, .. }) = login {
        from.refuse("login.email", format!("whoever signs in by mail gets a link and a code by it: {SET}"));
    }
    let usual: Option<RecoveryDelay> = from.by_default("factors.recovery_delay");
    if let Some(delay) = factors.map(|factors| factors.recovery_delay)
        && delay.0.is_some()
        && Some(delay) != usual
    {
        let message = format!("has no effect: whoever has lost every second factor is told by mail: {SET}");
        from.refuse("factors.recovery_delay", message);
    }
}
