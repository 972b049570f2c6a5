//! How far `latchkey dev` lets time be moved, for whoever does not want to wait until something expires.

use std::time::Duration;

/// Ten years, in one step and in all. Much further no certificate, and no program, knows what a date is.
pub const FURTHEST: Duration = Duration::from_secs(3_660 * 86_400);

/// A step forward of a whole number of seconds, minutes, hours or days: one second at least, [`FURTHEST`] at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forward(Duration);

impl Forward {
    /// How far.
    pub const fn as_duration(self) -> Duration {
        self.0
    }
}

impl TryFrom<&str> for Forward {
    type Error = &'static str;

    /// Reads `90m`: a number and one of `s`, `m`, `h`, `d`.
    fn try_from(text: &str) -> Result<Self, &'static str> {
        const FORM: &str = "forward is a whole number with s, m, h or d, as in 90m";
        let text = text.trim();
        let unit = text.chars().last().ok_or(FORM)?;
        let number = text.strip_suffix(unit).ok_or(FORM)?;
        // The reader of numbers would also take a sign.
        let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        let seconds: u64 = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            _ => return Err(FORM),
        };
        if !is_number {
            return Err(FORM);
        }
        let step = number.parse::<u64>().ok().and_then(|number| number.checked_mul(seconds)).map(Duration::from_secs);
        match step {
            Some(Duration::ZERO) => Err("forward is at least a second: time does not stand still"),
            Some(step) if step <= FURTHEST => Ok(Self(step)),
            _ => Err("forward is ten years at most"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_a_number_with_a_unit_and_never_goes_back() {
        let seconds = |text: &str| Forward::try_from(text).map(|forward| forward.as_duration().as_secs());
        assert_eq!(seconds("90m"), Ok(5_400));
        assert_eq!(seconds(" 1s "), Ok(1));
        assert_eq!(seconds("12h"), Ok(43_200));
        assert_eq!(seconds("3660d"), Ok(FURTHEST.as_secs()));
        for odd in [
            "",
            "m",
            "90",
            "-90m",
            "+90m",
            "1.5h",
            "1h30m",
            "90 m",
            "90M",
            "0s",
            "3661d",
            "99999999999999999999d",
            "9m\u{308}",
        ] {
            assert!(seconds(odd).is_err(), "{odd:?}");
        }
    }
}
