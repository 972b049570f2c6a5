//! Secrets that programs hold: client secrets, API keys.

use crate::foundation::{Random, SecretHash, SecretString};

/// What a machine secret is for. Its text names the kind, so that the finder of a leaked one knows where it belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A client's secret (RFC 6749 §2.3.1).
    Client,
    /// The secret of a client that signs with it: as long as the longest hash, so that every HMAC of JWTs may use it (RFC 7518 §3.2).
    SigningClient,
    /// A key for the admin API.
    Api,
    /// What lets somebody register clients (RFC 7591 §3).
    InitialAccess,
    /// What a client that registered itself manages that with (RFC 7592 §3).
    Registration,
}

impl Kind {
    const ALL: [Self; 5] = [Self::Client, Self::SigningClient, Self::Api, Self::InitialAccess, Self::Registration];

    /// What every secret of this kind starts with.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Client => "lk_cs_",
            Self::SigningClient => "lk_ck_",
            Self::Api => "lk_ak_",
            Self::InitialAccess => "lk_it_",
            Self::Registration => "lk_rt_",
        }
    }

    /// How many random characters it has.
    const fn body(self) -> usize {
        match self {
            Self::Client | Self::Api | Self::InitialAccess | Self::Registration => BODY,
            Self::SigningClient => LONG_BODY,
        }
    }
}

/// No character changes in form or URL encoding, so the Basic scheme cannot garble a secret (RFC 6749 §2.3.1), and a
/// double click selects all of it.
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// 43 characters of 62 are 256 bits.
const BODY: usize = 43;
/// With prefix and checksum these are 64 characters.
const LONG_BODY: usize = 52;
/// 6 characters of 62 hold 32 bits.
const CHECKSUM: usize = 6;

/// Makes a secret: its kind's prefix, 256 random bits, and a checksum, 55 characters in all or 64; and the hash to store.
/// With that much randomness a plain SHA-256 is enough: there is nothing to guess.
pub fn generate(kind: Kind, random: &Random) -> (SecretString, SecretHash) {
    let mut text = String::with_capacity(kind.prefix().len() + kind.body() + CHECKSUM);
    text.push_str(kind.prefix());
    while text.len() < kind.prefix().len() + kind.body() {
        let [byte] = random.bytes();
        // 248 is the highest multiple of 62 in a byte: larger bytes would make some characters more likely than others.
        if byte < 248 {
            text.push(digit(u32::from(byte)));
        }
    }
    let checksum = checksum(&text);
    text.push_str(&checksum);
    let hash = SecretHash::of(&text);
    (SecretString::new(text), hash)
}

/// The kind of secret that `text` looks like: prefix, length, characters and checksum are right. It need not exist:
/// scanners of source code use this rule, without asking us, to tell a leaked secret from a look-alike.
pub fn recognise(text: &str) -> Option<Kind> {
    let kind = Kind::ALL.into_iter().find(|kind| text.starts_with(kind.prefix()))?;
    let (signed, given) = text.split_at_checked(text.len().checked_sub(CHECKSUM)?)?;
    let body = signed.strip_prefix(kind.prefix())?;
    let well_formed = body.len() == kind.body() && body.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (well_formed && checksum(signed) == given).then_some(kind)
}

/// CRC-32 of the prefix and the body, six digits to base 62, most significant first.
fn checksum(signed: &str) -> String {
    let crc = crc32fast::hash(signed.as_bytes());
    (0..CHECKSUM as u32).rev().map(|place| digit(crc / 62_u32.pow(place))).collect()
}

fn digit(value: u32) -> char {
    ALPHABET.get((value % 62) as usize).copied().map_or('0', char::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_url_safe_text_that_is_recognised_and_found_by_its_hash() {
        for kind in Kind::ALL {
            let (secret, hash) = generate(kind, &Random::System);
            let text = secret.expose();
            assert_eq!(text.len(), if kind == Kind::SigningClient { 64 } else { 55 });
            assert!(text.starts_with(kind.prefix()));
            assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'));
            assert_eq!(recognise(text), Some(kind));
            assert!(SecretHash::of(text).matches(&hash));
        }
    }

    #[test]
    fn every_changed_character_is_noticed() {
        let (secret, _) = generate(Kind::Client, &Random::seeded(1));
        let text = secret.expose();
        for place in 0..text.len() {
            let (before, after) = text.split_at(place);
            let (old, rest) = after.split_at(1);
            let new = if old == "x" { "y" } else { "x" };
            assert_eq!(recognise(&format!("{before}{new}{rest}")), None, "{place}");
            assert_eq!(recognise(before), None);
        }
        for other in ["", "lk_cs_", "é", "lk_cs_ééééé", &format!("{text}0"), &format!(" {text}")] {
            assert_eq!(recognise(other), None, "{other}");
        }
    }

    #[test]
    fn every_character_is_used() {
        let random = Random::seeded(1);
        let all: String = (0..50).map(|_| generate(Kind::Client, &random).0.expose()[6..49].to_owned()).collect();
        assert!(ALPHABET.iter().all(|c| all.contains(char::from(*c))));
    }

    #[test]
    fn the_checksum_is_the_one_that_is_documented() {
        // CRC-32("123456789") = 0xcbf43926 = 3421780262.
        let value = checksum("123456789")
            .bytes()
            .fold(0_u64, |sum, byte| sum * 62 + ALPHABET.iter().position(|c| *c == byte).unwrap() as u64);
        assert_eq!(value, 0xcbf4_3926);
    }
}
