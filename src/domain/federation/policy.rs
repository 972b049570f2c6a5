//! What an operator takes a provider's word for.

/// What a provider's word is good for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderPolicy {
    /// Whether whoever has no account gets one.
    pub creates: bool,
    /// Whether its word that an address is verified is as good as our own.
    pub trusts_email: bool,
    /// The domains of verified addresses whose people are let in; empty: all.
    pub domains: Vec<String>,
    /// The groups there of which somebody has to be in one to be let in; empty: in none.
    pub required_groups: Vec<String>,
    /// Words of its `amr` claim that count as a second factor here.
    pub second_factor_amr: Vec<String>,
    /// Values of its `acr` claim that count as a second factor here, and that it is asked for where one is due.
    pub second_factor_acr: Vec<String>,
    /// Whether what it says of somebody replaces what the account has, at every sign-in.
    pub updates_profile: bool,
}
