//! What services need of the configuration.

use std::sync::Arc;
use std::time::Duration;

use super::branding::Brand;
use super::dev::Dev;
use super::factors::{factor_policy, passkeys};
use super::lifetimes::{longest_lifetimes, usual_lifetimes};
use super::passwords::BreachCheck;
use super::registration::RegistrationPolicy;
use super::{login, passwords, providers, sign_up};
use crate::config::{Account, Config, EventRetention, Lifetimes, Login, OAuth, OAuthProfile, Security};
use crate::crypto::Algorithms;
use crate::crypto::jwe::KeyManagements;
use crate::domain::account::password_policy::PasswordPolicy;
use crate::domain::account::sign_up::SignUpPolicy;
use crate::domain::factor::policy::{FactorPolicy, Passkeys};
use crate::domain::federation::provider::Provider;
use crate::domain::oauth::profile::{Profile, Rules};
use crate::domain::oauth::token::claim_catalogue::ClaimCatalogue;
use crate::domain::oauth::token::lifetimes::TokenLifetimes;
use crate::domain::oauth::token::resource::Resources;
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
    /// What is demanded of every client.
    pub oauth: OAuth,
    /// What is taken away that is there for old applications only.
    pub rules: Rules,
    /// What people may do to their own account.
    pub account: Account,
    /// The age at which a signing key is replaced.
    pub rotate_after: Duration,
    /// What there are signing keys for.
    pub algorithms: Algorithms,
    /// What others can encrypt to us with.
    pub encryption: KeyManagements,
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
    /// Applications that register themselves.
    pub registration: RegistrationPolicy,
    /// The operator's own APIs.
    pub resources: Arc<Resources>,
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

impl Settings {
    /// Those of a configuration, with the claims, the resources and the providers that it names; with `dev` as `latchkey dev` has them.
    ///
    /// # Errors
    /// When something that it names cannot be had.
    pub(super) fn of(
        config: &Config,
        claims: ClaimCatalogue,
        resources: Resources,
        upstream: Vec<Arc<Provider>>,
        dev: Option<Dev>,
    ) -> Result<Self, String> {
        Ok(Self {
            lifetimes: config.lifetimes,
            usual_lifetimes: usual_lifetimes(&config.lifetimes),
            longest_lifetimes: longest_lifetimes(&config.lifetimes),
            login: login::login(config, dev.is_some()),
            oauth: config.oauth,
            rules: rules(config.oauth),
            account: config.account,
            rotate_after: config.keys.rotate_after,
            algorithms: config.keys.algorithms,
            encryption: config.keys.encryption,
            event_retention: config.events.retention,
            password_policy: passwords::password_policy(config),
            breach_check: passwords::breach_check(config, dev.is_some())?,
            factors: factor_policy(&config.factors),
            remember_device: Duration::from_secs(86_400 * u64::from(config.factors.remember_device)),
            passkeys: passkeys(&config.factors),
            sign_up: sign_up::sign_up_policy(config, dev.is_some()),
            registration: RegistrationPolicy::new(&config.registration),
            recovery_delay: config.factors.recovery_delay.0,
            resources: Arc::new(resources),
            claims,
            extra_scopes: config.scopes.extra.iter().map(String::as_str).collect(),
            security: config.security.clone(),
            default_language: config.ui.default_language,
            brand: Arc::new(Brand::new(&config.branding)),
            upstream_scopes: providers::token_scopes(&upstream),
            providers: upstream,
            trusted_proxies: config.server.trusted_proxies.clone(),
            dev,
        })
    }
}

fn rules(oauth: OAuth) -> Rules {
    let profile = match oauth.profile {
        OAuthProfile::Compatible => Profile::Compatible,
        OAuthProfile::OAuth21 => Profile::OAuth21,
    };
    Rules { profile, only_code: oauth.only_code }
}
