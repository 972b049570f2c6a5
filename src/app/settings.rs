//! What services need of the configuration.

use std::sync::Arc;
use std::time::Duration;

use super::branding::Brand;
use super::dev::Dev;
use super::passwords::BreachCheck;
use crate::config::{Account, EventRetention, Lifetimes, Login, Security};
use crate::domain::account::password_policy::PasswordPolicy;
use crate::domain::account::sign_up::SignUpPolicy;
use crate::domain::factor::policy::{FactorPolicy, Passkeys};
use crate::domain::federation::provider::Provider;
use crate::domain::oauth::token::claim_catalogue::ClaimCatalogue;
use crate::domain::oauth::token::lifetimes::TokenLifetimes;
use crate::domain::oauth::token::scope::Scope;
use crate::language::Language;

/// Plain values from the configuration, as the services need them.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How long things live.
    pub lifetimes: Lifetimes,
    /// How long tokens live whose client does not differ.
    pub usual_lifetimes: TokenLifetimes,
    /// The longest that any client's tokens live.
    pub longest_lifetimes: TokenLifetimes,
    /// The brake on guessing passwords.
    pub login: Login,
    /// What people may do to their own account.
    pub account: Account,
    /// The age at which a signing key is replaced.
    pub rotate_after: Duration,
    /// How long events are kept.
    pub event_retention: EventRetention,
    /// Which passwords may be chosen.
    pub password_policy: PasswordPolicy,
    /// Where lists of stolen passwords are asked for.
    pub breach_check: Option<BreachCheck>,
    /// What people prove beside a password.
    pub factors: FactorPolicy,
    /// For how long a browser is remembered, in which no second factor is asked for then; zero: it is not.
    pub remember_device: Duration,
    /// What passkeys are good for.
    pub passkeys: Passkeys,
    /// Who makes an account for themselves.
    pub sign_up: SignUpPolicy,
    /// How long whoever has lost every second factor waits; `None`: only an administrator helps.
    pub recovery_delay: Option<Duration>,
    /// The operator's own scopes.
    pub extra_scopes: Scope,
    /// Which claims there are, and which scope releases each.
    pub claims: ClaimCatalogue,
    /// Whom to tell of a weakness.
    pub security: Security,
    /// The language for whoever wants none that there is.
    pub default_language: Language,
    /// Whose pages they are.
    pub brand: Arc<Brand>,
    /// Through whom people sign in, in the order of their names.
    pub providers: Vec<Arc<Provider>>,
    /// The scopes of those whose tokens are kept.
    pub upstream_scopes: Scope,
    /// Proxies whose forwarding headers are believed.
    pub trusted_proxies: Vec<ipnet::IpNet>,
    /// Set by `latchkey dev` only: who can sign in with one click. Also decides whether pages explain refusals.
    pub dev: Option<Dev>,
}
