//! How people sign in, from the settings.

use crate::config::{Config, Login, Switch};

/// What the settings say. In development they sign in by mail too: there is a mailbox to look into.
pub(super) fn login(config: &Config, dev: bool) -> Login {
    let email = if dev { Switch::On } else { config.login.email };
    Login { email, ..config.login }
}
