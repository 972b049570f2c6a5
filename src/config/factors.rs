//! `[factors]`: what people prove beside the password.

use std::str::FromStr;
use std::time::Duration;

use chrono::NaiveDate;

use super::reader::Reader;
use super::setting::{Setting, choice, quote};
use crate::foundation::Timestamp;

/// What people prove beside the password.
#[derive(Clone, Copy, Debug)]
pub struct Factors {
    /// Whether they do.
    pub second_factor: SecondFactor,
    /// Until then, whoever has none yet may sign in without, where it is required.
    pub enrol_by: Option<Day>,
    /// For how many days a browser can be remembered, in which it is not asked for then; 0: for none.
    pub remember_device: u32,
    /// What passkeys are good for.
    pub passkeys: Passkeys,
    /// How long whoever has lost every second factor waits until the password and the mail are enough.
    pub recovery_delay: RecoveryDelay,
}

/// What passkeys are good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passkeys {
    /// None can be added.
    Off,
    /// They come after the password.
    SecondFactor,
    /// They sign in by themselves too.
    SignIn,
}

choice!(Passkeys: Off = "off", SecondFactor = "second_factor" or SignIn = "sign_in");

/// Whether people have a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecondFactor {
    /// None can be added.
    Off,
    /// Whoever wants one.
    Optional,
    /// Everybody.
    Required,
}

choice!(SecondFactor: Off = "off", Optional = "optional" or Required = "required");

/// How long whoever has lost every second factor waits; `None`: only an administrator helps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecoveryDelay(pub Option<Duration>);

impl RecoveryDelay {
    /// Shorter, the owner would not notice; longer, the person would ask an administrator.
    const SHORTEST: Duration = Duration::from_secs(3600);
    const LONGEST: Duration = Duration::from_secs(30 * 86_400);
}

impl Setting for RecoveryDelay {
    const EXPECTED: &'static str = "a duration from \"1h\" to \"30d\", or \"off\"";
    fn from_text(text: &str) -> Result<Self, String> {
        if text == "off" {
            return Ok(Self(None));
        }
        let delay = Duration::from_text(text).ok().filter(|delay| (Self::SHORTEST..=Self::LONGEST).contains(delay));
        delay
            .map(|delay| Self(Some(delay)))
            .ok_or_else(|| format!("expected {}, found {}", Self::EXPECTED, quote(text)))
    }
    fn show(&self) -> String {
        self.0.map_or_else(|| quote("off"), |delay| delay.show())
    }
}

/// A day, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day(NaiveDate);

impl Day {
    /// When it begins.
    pub fn begins(self) -> Timestamp {
        Timestamp::from_secs(self.0.and_time(chrono::NaiveTime::MIN).and_utc().timestamp())
    }
}

impl FromStr for Day {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::from_text(text)
    }
}

impl Setting for Day {
    const EXPECTED: &'static str = "a day such as \"2027-03-31\"";
    fn from_text(text: &str) -> Result<Self, String> {
        let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|day| day.to_string() == text);
        day.map(Self).ok_or_else(|| format!("expected {}, found {}", Self::EXPECTED, quote(text)))
    }
    fn show(&self) -> String {
        quote(&self.0.to_string())
    }
}

impl Factors {
    pub(super) fn read(from: &mut Reader) -> Option<Self> {
        let second_factor = from.value("factors.second_factor");
        let enrol_by = from.optional("factors.enrol_by");
        let remember_device = from.within("factors.remember_device", 0..=365);
        let passkeys = from.value("factors.passkeys");
        let recovery_delay = from.value("factors.recovery_delay");
        let factors = Self {
            second_factor: second_factor?,
            enrol_by: enrol_by?,
            remember_device: remember_device?,
            passkeys: passkeys?,
            recovery_delay: recovery_delay?,
        };
        if factors.enrol_by.is_some() && factors.second_factor != SecondFactor::Required {
            let message = "has no effect: it is for factors.second_factor = \"required\"";
            from.refuse("factors.enrol_by", message.to_owned());
            return None;
        }
        Some(factors)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delay_of_a_recovery_is_an_hour_to_a_month_or_there_is_none() {
        for (text, hours) in [("1h", 1), ("72h", 72), ("3d", 72), ("30d", 720)] {
            assert_eq!(RecoveryDelay::from_text(text).unwrap().0, Some(Duration::from_secs(hours * 3600)), "{text}");
        }
        assert_eq!(RecoveryDelay::from_text("off"), Ok(RecoveryDelay(None)));
        assert_eq!(RecoveryDelay(None).show(), "\"off\"");
        for text in ["", "0", "59m", "31d", "never"] {
            assert!(RecoveryDelay::from_text(text).is_err(), "{text}");
        }
    }
}
