//! Codes of authenticator apps (RFC 6238): six digits, another one every thirty seconds.

use crate::foundation::Timestamp;

/// Seconds for which a code is shown.
pub const PERIOD: i64 = 30;
/// A code is taken for so many steps before and after its own: for slow typing, and clocks that differ.
pub const SKEW: i64 = 1;
const DIGITS: usize = 6;

/// How far ahead of our clock the step may be that was taken last. What is further ahead was written by a wrong clock, and
/// must not keep its owner out until that time has come: two steps, and a minute between the clocks of two instances.
const AHEAD: i64 = SKEW + 1 + 60 / PERIOD;

/// Six digits, as an app shows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TotpCode(String);

impl TotpCode {
    /// Reads what was typed: with spaces or hyphens between, in the full-width digits of Asian keyboards. `None` for what
    /// is no code of any app.
    pub fn typed(text: &str) -> Option<Self> {
        // A code is short; whatever is longer need not be looked at.
        let text = text.get(..).filter(|text| text.len() <= 64)?;
        let digit = |c: char| match c {
            '0'..='9' => Some(Some(c)),
            '\u{ff10}'..='\u{ff19}' => Some(char::from_digit(u32::from(c) - 0xff10, 10)),
            '-' => Some(None),
            c if c.is_whitespace() => Some(None),
            _ => None,
        };
        let digits: String = text.chars().map(digit).collect::<Option<Vec<_>>>()?.into_iter().flatten().collect();
        (digits.len() == DIGITS).then_some(Self(digits))
    }

    /// The digits alone.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A step whose code was given. Taking it makes it the factor's last one, in the one statement that looks at that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its number since 1970.
    pub number: i64,
    /// A last step beyond this counts for nothing.
    pub latest: i64,
}

impl Step {
    /// The step of this number, given at `now`.
    pub fn given(number: i64, now: Timestamp) -> Self {
        Self { number, latest: now.as_secs().div_euclid(PERIOD) + AHEAD }
    }

    /// Whether it may be taken after `last`: each code works once, and none from before (RFC 6238 §5.2).
    pub fn follows(&self, last: Option<i64>) -> bool {
        last.is_none_or(|last| last < self.number || last > self.latest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        for typed in ["123456", " 123 456 ", "123-456", "１２３４５６", "1\u{3000}2 3\t4\u{a0}5６\n"] {
            assert_eq!(TotpCode::typed(typed), Some(TotpCode("123456".into())), "{typed}");
        }
        assert_eq!(TotpCode::typed("000000").unwrap().as_str(), "000000");
    }

    #[test]
    fn what_is_no_code_is_none() {
        let long = format!("{}123456", " ".repeat(60));
        for typed in ["", "12345", "1234567", "12345a", "+12345", "٣٤٥٦٧٨", "123.456", "一二三四五六", &long]
        {
            assert_eq!(TotpCode::typed(typed), None, "{typed}");
        }
    }

    #[test]
    fn a_step_is_taken_once_and_none_before_it() {
        let now = Timestamp::from_secs(1_800_000_000);
        let current = 60_000_000;
        let step = |number| Step::given(number, now);
        assert!(step(current).follows(None));
        assert!(step(current).follows(Some(current - 1)));
        assert!(!step(current).follows(Some(current)), "the same code again");
        assert!(!step(current - 1).follows(Some(current)), "an earlier one");
        assert!(step(current + 1).follows(Some(current)));
    }

    #[test]
    fn what_a_wrong_clock_took_keeps_nobody_out() {
        let now = Timestamp::from_secs(1_800_000_000);
        let current = 60_000_000;
        // Another instance's clock may be a minute ahead, and its owner's a step.
        for ahead in 0..=AHEAD {
            assert!(!Step::given(current, now).follows(Some(current + ahead)), "{ahead}");
        }
        assert!(Step::given(current, now).follows(Some(current + AHEAD + 1)));
        assert!(Step::given(current, now).follows(Some(i64::MAX)));
    }
}
