//! Codes on paper, for whoever has lost everything else.

use crate::crypto::MacKey;
use crate::foundation::{Random, Secret, SecretHash, SecretString, id::UserId};

/// How many a person gets at once.
pub const COUNT: usize = 10;
/// Characters of one, each of five bits: 60 bits.
const LENGTH: usize = 12;
const GROUP: usize = 4;

/// A recovery code, without hyphens and in small letters.
pub struct RecoveryCode(SecretString);

impl RecoveryCode {
    /// A new one.
    pub fn generate(random: &Random) -> Self {
        Self(SecretString::new(random.readable(LENGTH)))
    }

    /// Reads what was typed: in large or small letters, with or without hyphens, and with the letters that look like the
    /// digits 0 and 1. `None` for what cannot be a code.
    pub fn typed(text: &str) -> Option<Self> {
        let text = Some(text).filter(|text| text.len() <= 64)?;
        let symbol = |c: char| match c.to_ascii_lowercase() {
            'o' => Some(Some('0')),
            'i' | 'l' => Some(Some('1')),
            'u' => None,
            c @ ('0'..='9' | 'a'..='z') => Some(Some(c)),
            '-' => Some(None),
            c if c.is_whitespace() => Some(None),
            _ => None,
        };
        let symbols: String = text.chars().map(symbol).collect::<Option<Vec<_>>>()?.into_iter().flatten().collect();
        (symbols.len() == LENGTH).then(|| Self(SecretString::new(symbols)))
    }

    /// As it is shown, once: `7k3m-q9xw-2fhd`.
    pub fn reveal(&self) -> SecretString {
        let symbols: Vec<char> = self.0.expose().chars().collect();
        let groups: Vec<String> = symbols.chunks(GROUP).map(|group| group.iter().collect()).collect();
        SecretString::new(groups.join("-"))
    }

    /// The hash under which it is stored, under a key of ours: whoever has the database alone cannot try codes. That of
    /// another user's is another.
    pub fn hash(&self, key: &MacKey, user: UserId) -> SecretHash {
        let mac = key.mac(&[b"recovery code", user.as_uuid().as_bytes(), self.0.expose().as_bytes()]);
        Secret::from_bytes(mac).hash()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::MasterKey;
    use crate::foundation::Timestamp;

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        let code = RecoveryCode::generate(&Random::seeded(4));
        let shown = code.reveal();
        let shown = shown.expose();
        assert_eq!(shown.len(), 14);
        let looks_like = shown.replace('0', "O").replace('1', "l");
        let variants =
            [shown.to_owned(), shown.to_uppercase(), shown.replace('-', ""), shown.replace('-', " "), looks_like];
        for typed in variants {
            let read = RecoveryCode::typed(&format!(" {typed}\n")).unwrap();
            assert_eq!(read.0, code.0, "{typed}");
        }
    }

    #[test]
    fn what_cannot_be_a_code_is_none() {
        for typed in
            ["", "7k3m-q9xw-2fh", "7k3m-q9xw-2fhdd", "7k3m-q9xw-2fhu", "7k3m_q9xw_2fhd", "123456", &"7".repeat(65)]
        {
            assert!(RecoveryCode::typed(typed).is_none(), "{typed}");
        }
    }

    #[test]
    fn codes_differ_and_each_is_one_users_under_one_key() {
        let random = Random::seeded(5);
        let texts: std::collections::BTreeSet<String> =
            (0..1000).map(|_| RecoveryCode::generate(&random).reveal().expose().to_owned()).collect();
        assert_eq!(texts.len(), 1000);
        let key = || MasterKey::parse(&MasterKey::generate(&Random::System)).unwrap().derive("factor").unwrap();
        let (one, other) = (key(), key());
        let now = Timestamp::from_secs(1);
        let (alice, bob) = (UserId::generate(&random, now), UserId::generate(&random, now));
        let code = RecoveryCode::generate(&random);
        assert!(code.hash(&one, alice) == code.hash(&one, alice));
        assert!(code.hash(&one, alice) != code.hash(&one, bob));
        assert!(code.hash(&one, alice) != code.hash(&other, alice));
    }
}
