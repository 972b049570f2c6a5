//! What people prove beside a password, from the settings.

use crate::config::{self, Factors, SecondFactor};
use crate::domain::factor::policy::{FactorPolicy, Passkeys, Rule};

/// The rule that the settings say.
pub(super) fn factor_policy(factors: &Factors) -> FactorPolicy {
    let rule = match factors.second_factor {
        SecondFactor::Off => Rule::Off,
        SecondFactor::Optional => Rule::Optional,
        SecondFactor::Required => Rule::Required,
    };
    FactorPolicy { rule, enrol_by: factors.enrol_by.map(|day| day.begins()) }
}

/// What the settings say that passkeys are good for.
pub(super) fn passkeys(factors: &Factors) -> Passkeys {
    match factors.passkeys {
        config::Passkeys::Off => Passkeys::Off,
        config::Passkeys::SecondFactor => Passkeys::SecondFactor,
        config::Passkeys::SignIn => Passkeys::SignIn,
    }
}
