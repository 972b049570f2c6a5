//! What is known of a provider in advance.

use crate::domain::federation::claim_mapping::ClaimMapping;
use crate::domain::federation::provider::{Mark, Protocol};

/// What is known of a provider in advance.
pub struct Preset {
    /// What it is called on pages.
    pub name: &'static str,
    /// Whose mark its button has.
    pub mark: Mark,
    /// How it is spoken to.
    pub protocol: Protocol,
    /// What is asked for.
    pub scopes: &'static [&'static str],
    /// Which claim is what.
    pub claims: ClaimMapping,
    /// Whether its word that an address is verified is as good as our own.
    pub trusts_email: bool,
    /// Whether the answer comes as a form.
    pub posts_answer: bool,
    /// Whether it knows `prompt=select_account` although its metadata do not say so.
    pub lets_choose: bool,
}
