//! What holds for new passwords, from the configuration.

use crate::config::Config;
use crate::domain::account::password_policy::{PasswordPolicy, Strength};
use crate::outbound::Target;

/// Where lists of stolen passwords are asked for.
#[derive(Clone, Debug)]
pub struct BreachCheck {
    /// What the first five digits of a hash are appended to.
    pub url: String,
    /// Found so often, a password is refused.
    pub least: u64,
}

/// Which passwords may be chosen.
pub(super) fn password_policy(config: &Config) -> PasswordPolicy {
    let min_length = usize::try_from(config.password.min_length).unwrap_or(usize::MAX);
    // The configuration has none above the highest.
    let strength = Strength::new(config.password.min_strength).unwrap_or(Strength::HIGHEST);
    PasswordPolicy::new(min_length, strength, &config.issuer)
}

/// A URL that may never be called would be an outage that nobody ends: it is refused at the start.
pub(super) fn breach_check(config: &Config, dev: bool) -> Result<Option<BreachCheck>, String> {
    let Some(url) = config.password.breach_check_url.clone() else { return Ok(None) };
    match Target::parse(&url, &config.outbound.allow, dev) {
        Ok(_) => Ok(Some(BreachCheck { url, least: config.password.breach_count.into() })),
        Err(refused) => Err(format!("password.breach_check_url: {refused}")),
    }
}
