//! Asking for a stolen password without telling which: by the first 5 of the 40 digits of its SHA-1 hash, which thousands of
//! others share (the "range" protocol, k-anonymity). The answer has a line `REST:COUNT` for each that is known.

use thiserror::Error;
use zeroize::Zeroizing;

use crate::crypto::digest::sha1_name;
use crate::crypto::password::prepare;
use crate::foundation::SecretString;

/// The header that asks for lines with a count of 0 among the others, so that the length of the answer tells nothing.
pub const ADD_PADDING: &str = "add-padding";

/// How many digits are told.
const TOLD: usize = 5;
const REST: usize = 35;

/// What is asked for, and what is looked for in the answer.
pub struct RangeQuery(Zeroizing<String>);

/// The answer is not one of this protocol.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("the answer is no list of 35 hexadecimal digits, a colon and a number on each line")]
pub struct NoRange;

impl RangeQuery {
    /// The query for a password, in the form in which we hash it; `None` for one that is too long for that.
    pub fn of(password: &SecretString) -> Option<Self> {
        Some(Self(Zeroizing::new(sha1_name(&prepare(password)?))))
    }

    /// What may be told: five digits.
    pub fn prefix(&self) -> &str {
        self.0.get(..TOLD).unwrap_or_default()
    }

    /// How often the password is known, by the answer.
    ///
    /// # Errors
    /// When any line is of another form: then it is the answer of something else, such as a proxy's page.
    pub fn times(&self, answer: &[u8]) -> Result<u64, NoRange> {
        let rest = self.0.get(TOLD..).unwrap_or_default();
        let mut times = 0;
        for line in std::str::from_utf8(answer).map_err(|_| NoRange)?.lines().filter(|line| !line.is_empty()) {
            let (digits, count) = line.split_once(':').ok_or(NoRange)?;
            if digits.len() != REST || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return Err(NoRange);
            }
            let count: u64 = count.trim_end().parse().map_err(|_| NoRange)?;
            if digits.eq_ignore_ascii_case(rest) {
                times = count;
            }
        }
        Ok(times)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(password: &str) -> RangeQuery {
        RangeQuery::of(&SecretString::new(password.to_owned())).unwrap()
    }

    #[test]
    fn a_password_is_found_by_the_rest_of_its_hash_with_its_count() {
        // sha1("password") is 5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8.
        let password = query("password");
        assert_eq!(password.prefix(), "5BAA6");
        let padding = "003D68EB55068C33ACE09247EE4C639306B:0\r\n";
        let known = "1E4C9B93F3F0682250B6CF8331B7EE68FD8:3861493\r\n";
        let answer = format!("{padding}{known}012C192B2F16F82EA0EB9EF18D9D539B0DD:2");
        assert_eq!(password.times(answer.as_bytes()), Ok(3_861_493));
        assert_eq!(password.times(answer.to_lowercase().as_bytes()), Ok(3_861_493));
        assert_eq!(password.times(padding.as_bytes()), Ok(0));
        assert_eq!(password.times(b""), Ok(0));
        assert_eq!(query("tulip copper seven").times(answer.as_bytes()), Ok(0));
    }

    #[test]
    fn the_answer_of_something_else_is_not_taken_for_good_news() {
        for answer in [
            &b"<!doctype html>"[..],
            b"1E4C9B93F3F0682250B6CF8331B7EE68FD8",
            b"1E4C9B93F3F0682250B6CF8331B7EE68FD8:many",
            b"1E4C9B93F3F0682250B6CF8331B7EE68FD:1",
            b"1E4C9B93F3F0682250B6CF8331B7EE68FDG:1",
            b"\xff",
        ] {
            assert_eq!(query("password").times(answer), Err(NoRange));
        }
    }

    #[test]
    fn the_same_text_typed_on_another_keyboard_is_looked_for_alike() {
        assert_eq!(query("b\u{e4}r").prefix(), query("ba\u{308}r").prefix());
    }
}
