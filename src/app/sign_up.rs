//! Who makes an account for themselves, from the settings.

use crate::config::{Config, SignUpMode, SignUpUsername};
use crate::domain::account::sign_up::{SignUpMode as Mode, SignUpPolicy, UsernameRule};

/// The rules that the settings say. In development everybody does who wants to: there is a mailbox to look into.
pub(super) fn sign_up_policy(config: &Config, dev: bool) -> SignUpPolicy {
    let mode = match config.signup.mode {
        SignUpMode::Off if dev => Mode::Open,
        SignUpMode::Off => Mode::Off,
        SignUpMode::Invitation => Mode::Invitation,
        SignUpMode::Open => Mode::Open,
    };
    let username = match config.signup.username {
        SignUpUsername::Off => UsernameRule::Off,
        SignUpUsername::Optional => UsernameRule::Optional,
        SignUpUsername::Required => UsernameRule::Required,
    };
    SignUpPolicy { mode, domains: config.signup.domains.clone(), username }
}
