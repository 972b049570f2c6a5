//! What a person types to say who they are.

use std::fmt;

use thiserror::Error;
use unicode_normalization::UnicodeNormalization;

use crate::foundation::domain_name;
use crate::foundation::mail_address::{MailAddress, MailAddressError};
use crate::foundation::text::is_invisible;

/// A username or an e-mail address in the one form in which it is stored, looked up and counted. Every path goes
/// through here, so that no two spellings reach one account (CVE-2026-47203) and no two accounts share a spelling.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LoginIdentifier(String);

/// Why a text cannot be a username or an e-mail address, to stand behind it in a sentence.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum IdentifierError {
    /// Nothing but white space.
    #[error("must not be empty")]
    Empty,
    /// Longer than [`LoginIdentifier::MAX_BYTES`].
    #[error("must have at most 254 bytes")]
    TooLong,
    /// Control characters, white space inside, or what shows nothing.
    #[error("must not contain white space, control or invisible characters")]
    Character,
    /// A username with an `@` could pass for somebody's e-mail address (CVE-2021-3754).
    #[error("must not contain @: that is for e-mail addresses")]
    AtInUsername,
    /// A letter of one alphabet among those of another: it could pass for somebody else's name (UTS 39).
    #[error("must not mix letters of different alphabets")]
    MixedScripts,
    /// Not `local@domain` with exactly one ASCII `@`, nothing that would need quotes, and a plain host name.
    #[error("is not an e-mail address")]
    Email,
    /// A character before the `@` that some mail servers read as another one: mail could go to somebody else.
    #[error("must not have a full-width letter, a ligature or the like before the @")]
    Compatibility,
}

impl LoginIdentifier {
    /// The longest address that can be delivered to (RFC 5321 §4.5.3.1.3).
    pub const MAX_BYTES: usize = 254;

    /// The canonical form of whatever was typed at sign-in. It need not belong to anybody.
    ///
    /// # Errors
    /// When it can belong to nobody: empty, too long, or with control characters.
    pub fn typed(text: &str) -> Result<Self, IdentifierError> {
        canonical(text).map(Self)
    }

    /// The canonical form of a username to be given to a user.
    ///
    /// # Errors
    /// As [`LoginIdentifier::typed`], and when it contains an `@`.
    pub fn username(text: &str) -> Result<Self, IdentifierError> {
        let canonical = canonical(text)?;
        match canonical.contains('@') {
            true => Err(IdentifierError::AtInUsername),
            false => Ok(Self(canonical)),
        }
    }

    /// The canonical form of an e-mail address to be given to a user.
    ///
    /// # Errors
    /// When it is not one address that mail can be sent to.
    pub fn email(text: &str) -> Result<Self, IdentifierError> {
        Self::of_mailbox(&MailAddress::parse(text.trim())?)
    }

    /// The name of whoever has this mailbox: mailboxes that differ in more than small and capital letters have different names.
    ///
    /// # Errors
    /// When it is too long in small letters.
    pub fn of_mailbox(mailbox: &MailAddress) -> Result<Self, IdentifierError> {
        canonical(&mailbox.to_string()).map(Self)
    }

    /// Whether it is an e-mail address, and no username.
    pub fn is_address(&self) -> bool {
        self.0.contains('@')
    }

    /// As it may have been written down, the likeliest first: as it is; and if it is an address in a domain that is not in ASCII,
    /// with that domain in ASCII, as names are given now, and in Unicode, as they were given before.
    pub fn spellings(&self) -> Vec<Self> {
        let mut all = vec![self.clone()];
        let Some((local, ascii)) = self.in_ascii() else { return all };
        for domain in [domain_name::in_unicode(&ascii), ascii].into_iter().rev() {
            if let Ok(other) = canonical(&format!("{local}@{domain}")).map(Self)
                && !all.contains(&other)
            {
                all.push(other);
            }
        }
        all
    }

    /// By which it is counted: the same for each of its spellings, and no name that anybody need have.
    pub fn counted(&self) -> Self {
        // However long it is in ASCII.
        self.in_ascii().map_or_else(|| self.clone(), |(local, ascii)| Self(format!("{local}@{ascii}")))
    }

    /// The part before the `@`, and the domain in ASCII, of an address whose domain is not in ASCII by itself.
    fn in_ascii(&self) -> Option<(&str, String)> {
        let (local, domain) = self.0.split_once('@')?;
        let is_plain = domain.is_ascii() && !domain.contains("xn--");
        if is_plain { None } else { Some((local, domain_name::in_ascii(domain)?)) }
    }

    /// The canonical text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<MailAddressError> for IdentifierError {
    fn from(error: MailAddressError) -> Self {
        match error {
            MailAddressError::Blemish(_) => Self::Character,
            MailAddressError::Compatibility => Self::Compatibility,
            MailAddressError::Long => Self::TooLong,
            _ => Self::Email,
        }
    }
}

impl fmt::Display for LoginIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for LoginIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LoginIdentifier({:?})", self.0)
    }
}

/// NFKC folds look-alike forms (a full-width `＠` becomes `@`); lower-casing may undo it, so it is done once more.
fn canonical(text: &str) -> Result<String, IdentifierError> {
    if text.len() > LoginIdentifier::MAX_BYTES {
        return Err(IdentifierError::TooLong);
    }
    let folded: String = text.trim().nfkc().collect::<String>().to_lowercase().nfkc().collect();
    if folded.is_empty() {
        return Err(IdentifierError::Empty);
    }
    if folded.len() > LoginIdentifier::MAX_BYTES {
        return Err(IdentifierError::TooLong);
    }
    match folded.chars().any(|c| c.is_control() || c.is_whitespace() || is_invisible(c)) {
        true => Err(IdentifierError::Character),
        false => Ok(folded),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spellings_of_one_name_are_one_identifier() {
        let plain = LoginIdentifier::typed("alice@example.com").unwrap();
        for other in [" Alice@Example.COM ", "ALICE＠EXAMPLE.COM", "ａlice@example.com"] {
            assert_eq!(LoginIdentifier::typed(other).unwrap(), plain, "{other}");
        }
    }

    #[test]
    fn what_becomes_one_letter_only_when_it_is_small_is_one_name() {
        // Unicode has a small j with caron and no capital one.
        assert_eq!(LoginIdentifier::typed("J\u{30c}an"), LoginIdentifier::typed("\u{1f0}an"));
        assert_eq!(LoginIdentifier::typed("\u{1f0}an").unwrap().as_str(), "\u{1f0}an");
    }

    #[test]
    fn the_longest_names_are_those_that_mail_can_carry() {
        let bytes = |count: usize| "a".repeat(count);
        assert!(LoginIdentifier::typed(&bytes(254)).is_ok());
        assert_eq!(LoginIdentifier::typed(&bytes(255)), Err(IdentifierError::TooLong));
        // One sign of three bytes for a word of five signs.
        let grown = "\u{3307}".repeat(40);
        assert_eq!(LoginIdentifier::typed(&grown), Err(IdentifierError::TooLong), "only once it is written out");
        let address = |local: usize| LoginIdentifier::email(&format!("{}@b.example", bytes(local)));
        assert!(address(64).is_ok());
        assert_eq!(address(65), Err(IdentifierError::Email));
    }

    #[test]
    fn a_username_cannot_pass_for_an_address() {
        assert_eq!(LoginIdentifier::username("bob@example.com"), Err(IdentifierError::AtInUsername));
        assert_eq!(LoginIdentifier::username("bob＠example.com"), Err(IdentifierError::AtInUsername));
    }

    #[test]
    fn what_is_not_an_address_is_refused() {
        for bad in [
            "alice",
            "a@b@c",
            "@b.example",
            "a@",
            "a@-b.example",
            "a@b..example",
            "\"a\"@b.example",
            "a@b.example>",
            "a..b@b.example",
            "a@b_c.example",
            "a@127.0.0.1",
            "a\u{ff20}b.example",
        ] {
            assert_eq!(LoginIdentifier::email(bad), Err(IdentifierError::Email), "{bad}");
        }
        assert_eq!(LoginIdentifier::email("\u{ff41}lice@b.example"), Err(IdentifierError::Compatibility));
        assert!(LoginIdentifier::email("o'neil+tag@mail.example.com").is_ok());
    }

    #[test]
    fn a_mailbox_has_one_name_however_its_domain_is_written() {
        let name = LoginIdentifier::email("A@xn--bcher-kva.example").unwrap();
        assert_eq!(name.as_str(), "a@xn--bcher-kva.example");
        for written in [
            "a@b\u{fc}cher.example",
            "A@B\u{dc}CHER.example",
            " a@bu\u{308}cher.example",
            "a@b\u{fc}cher\u{3002}example",
        ] {
            assert_eq!(LoginIdentifier::email(written).unwrap(), name, "{written}");
        }
    }

    #[test]
    fn an_address_is_found_in_whichever_spelling_it_was_given() {
        let typed = |text: &str| LoginIdentifier::typed(text).unwrap();
        let texts = |name: &LoginIdentifier| name.spellings().iter().map(ToString::to_string).collect::<Vec<_>>();
        let (ascii, unicode) = ("a@xn--bcher-kva.example", "a@b\u{fc}cher.example");
        assert_eq!(texts(&typed(ascii)), [ascii, unicode]);
        assert_eq!(texts(&typed(unicode)), [unicode, ascii]);
        assert_eq!(typed(unicode).counted(), typed(ascii).counted());
        // Found by fuzzing: with another letter before the @ each spelling had a count of its own.
        let (ascii, unicode) = ("jos\u{e9}@xn--bcher-kva.example", "jos\u{e9}@b\u{fc}cher.example");
        assert_eq!(typed(unicode).counted(), typed(ascii).counted());
        assert_eq!(typed(unicode).counted(), typed("JOS\u{c9}@b\u{fc}cher\u{3002}example").counted());
        let long = |domain: &str| typed(&format!("{}@{domain}", "a".repeat(236)));
        assert_eq!(long("xfd\u{345}\u{3c1}.example").counted(), long("xfd\u{3b9}\u{3c1}.example").counted());
        for plain in ["alice", "alice@example.com", "b\u{fc}cher", "a@b@c\u{fc}", "a@\u{fc} .example"] {
            if let Ok(name) = LoginIdentifier::typed(plain) {
                assert_eq!(name.spellings(), std::slice::from_ref(&name), "{plain}");
            }
        }
    }

    #[test]
    fn what_can_belong_to_nobody_is_refused() {
        assert_eq!(LoginIdentifier::typed("  "), Err(IdentifierError::Empty));
        assert_eq!(LoginIdentifier::typed("a\0b"), Err(IdentifierError::Character));
        assert_eq!(LoginIdentifier::typed("a\u{200b}b"), Err(IdentifierError::Character));
        assert_eq!(LoginIdentifier::typed(&"a".repeat(255)), Err(IdentifierError::TooLong));
    }

    #[test]
    fn a_character_that_shows_nothing_is_refused_wherever_it_stands() {
        let invisible = [
            '\u{ad}',
            '\u{34f}',
            '\u{61c}',
            '\u{115f}',
            '\u{1160}',
            '\u{17b4}',
            '\u{180b}',
            '\u{180e}',
            '\u{200b}',
            '\u{200d}',
            '\u{202e}',
            '\u{2060}',
            '\u{2066}',
            '\u{206f}',
            '\u{2800}',
            '\u{3164}',
            '\u{fe00}',
            '\u{fe0f}',
            '\u{feff}',
            '\u{ffa0}',
            '\u{fff9}',
            '\u{fffc}',
            '\u{1bca0}',
            '\u{1d173}',
            '\u{e0001}',
            '\u{e0061}',
            '\u{e007f}',
            '\u{e0100}',
            '\u{e01ef}',
        ];
        for c in invisible {
            for name in [format!("al{c}ice"), format!("{c}alice"), format!("alice{c}"), c.to_string()] {
                assert_eq!(LoginIdentifier::username(&name), Err(IdentifierError::Character), "{name:?}");
                assert!(LoginIdentifier::email(&format!("{name}@b.example")).is_err(), "{name:?}");
                assert_eq!(LoginIdentifier::typed(&name), Err(IdentifierError::Character), "{name:?}");
            }
        }
        for name in ["józef", "Ωμέγα", "李小龍", "อำนาจ", "नमस्ते", "한글", "שלום", "محمد", "👍"]
        {
            assert!(LoginIdentifier::username(name).is_ok(), "{name}");
        }
    }

    proptest! {
        #[test]
        fn the_canonical_form_is_its_own_canonical_form(text in "\\PC{1,40}") {
            if let Ok(once) = LoginIdentifier::typed(&text) {
                prop_assert_eq!(LoginIdentifier::typed(once.as_str()), Ok(once));
            }
        }
    }
}
