//! What people prove beside a password, from the settings.

use crate::config::{Factors, SecondFactor};
use crate::domain::factor::policy::{FactorPolicy, Rule};

/// The rule that the settings say.
pub(super) fn factor_policy(factors: &Factors) -> FactorPolicy {
    let rule = match factors.second_factor {
        SecondFactor::Off => Rule::Off,
        SecondFactor::Optional => Rule::Optional,
        SecondFactor::Required => Rule::Required,
    };
    FactorPolicy { rule, enrol_by: factors.enrol_by.map(|day| day.begins()) }
}
