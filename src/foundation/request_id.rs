//! The id of a request: what leads from an error page to its reason.

use std::fmt;
use std::str::FromStr;

/// What an id is made of: no letter that is read for a digit, or is heard for another when it is read aloud.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const LENGTH: usize = 10;

/// The id of a request: ten digits and lower-case letters, to be read aloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RequestId([u8; LENGTH]);

/// A text that is no id of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoRequestId;

impl RequestId {
    /// The id made of the lowest 50 bits of `number`.
    pub fn new(number: u64) -> Self {
        let mut rest = number;
        Self(std::array::from_fn(|_| {
            let digit = ALPHABET.get(usize::try_from(rest & 31).unwrap_or(0)).copied().unwrap_or(b'0');
            rest >>= 5;
            digit
        }))
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for RequestId {
    type Err = NoRequestId;

    fn from_str(text: &str) -> Result<Self, NoRequestId> {
        let bytes: [u8; LENGTH] = text.as_bytes().try_into().map_err(|_| NoRequestId)?;
        match bytes.iter().all(|byte| ALPHABET.contains(byte)) {
            true => Ok(Self(bytes)),
            false => Err(NoRequestId),
        }
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for NoRequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "a request id is ten digits and lower-case letters, as in 4d1g0yc2be; i, l, o and u are not among them: \
             what looks so is 1 or 0",
        )
    }
}

impl std::error::Error for NoRequestId {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn different_numbers_are_different_ids() {
        assert_eq!(RequestId::new(0).as_str(), "0000000000");
        assert_ne!(RequestId::new(1), RequestId::new(1 << 49));
    }

    #[test]
    fn only_what_we_make_is_read() {
        let id = RequestId::new(0x1234_5678_9abc_def0);
        assert_eq!(id.as_str().parse(), Ok(id));
        for bad in
            ["", "4d1g0yc2b", "4d1g0yc2bee", "4D1G0YC2BE", "4d1g0yc2bl", "4d1g0yc2b ", "4d1g0yc2\u{e9}", "%' OR 1=1"]
        {
            assert_eq!(bad.parse::<RequestId>(), Err(NoRequestId), "{bad}");
        }
    }
}
