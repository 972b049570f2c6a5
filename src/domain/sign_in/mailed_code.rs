//! The code that stands in a mail beside a link: for whoever reads mail elsewhere than where they sign in.

use crate::crypto::MacKey;
use crate::foundation::{Random, Secret, SecretHash, SecretString};

/// Digits of one. With [`MOST_TRIES`] for each mail, and twenty mails an hour, whoever guesses is right once in a million hours.
const LENGTH: usize = 8;
/// So many codes are looked at for one mail; after that the right one is taken no more.
pub const MOST_TRIES: i64 = 5;

/// A code of eight digits.
pub struct MailedCode(SecretString);

impl MailedCode {
    /// A new one.
    pub fn generate(random: &Random) -> Self {
        let number = u64::from_be_bytes(random.bytes()) % 100_000_000;
        Self(SecretString::new(format!("{number:08}")))
    }

    /// Reads what was typed, with or without blanks and hyphens. `None` for what cannot be a code.
    pub fn typed(text: &str) -> Option<Self> {
        let text = Some(text).filter(|text| text.len() <= 64)?;
        let digits: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
        let sound = digits.len() == LENGTH && digits.bytes().all(|byte| byte.is_ascii_digit());
        sound.then(|| Self(SecretString::new(digits)))
    }

    /// As it stands in the mail: `1234 5678`. It is a secret until it is used.
    pub fn reveal(&self) -> String {
        let (first, second) = self.0.expose().split_at_checked(LENGTH / 2).unwrap_or_default();
        format!("{first} {second}")
    }

    /// The hash under which it is stored, under a key of ours and for one mail: whoever has the database alone cannot try codes.
    pub fn hash(&self, key: &MacKey, mail: &SecretHash) -> SecretHash {
        let mac = key.mac(&[b"mailed code", mail.as_bytes(), self.0.expose().as_bytes()]);
        Secret::from_bytes(mac).hash()
    }
}

/// What a code is bound to: the place that asked (a browser's secret, a session, a client), and which time it asked there.
/// Were it bound to the place alone, so that the code of the newest mail is taken, whoever asks for their own account and then
/// for another's would learn by their own code whether that other mail was sent.
pub fn bound_to(place: &str, asked: &str) -> String {
    format!("{place}/asked/{asked}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::MasterKey;

    #[test]
    fn a_code_is_read_however_it_is_typed_and_is_one_mails() {
        let key = MasterKey::parse(&MasterKey::generate(&Random::System)).unwrap().derive("login").unwrap();
        let (mail, other) = (SecretHash::of("a"), SecretHash::of("b"));
        let code = MailedCode::generate(&Random::seeded(3));
        let shown = code.reveal();
        assert_eq!(shown.len(), 9);
        for typed in [shown.clone(), shown.replace(' ', ""), shown.replace(' ', "-"), format!("\t{shown}\n")] {
            assert!(MailedCode::typed(&typed).unwrap().hash(&key, &mail) == code.hash(&key, &mail), "{typed}");
        }
        assert!(code.hash(&key, &mail) != code.hash(&key, &other));
        for typed in ["", "1234567", "123456789", "1234567a", "\u{661}2345678", &"1".repeat(65)] {
            assert!(MailedCode::typed(typed).is_none(), "{typed}");
        }
    }
}
