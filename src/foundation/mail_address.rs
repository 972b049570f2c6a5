//! Addresses of e-mail, as they may stand in a header and in a command to a mail server.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use unicode_normalization::UnicodeNormalization;

use super::domain_name;
use super::text::{self, Blemish};

/// The longest address that can be delivered to, in bytes (RFC 5321 §4.5.3.1.3).
const LONGEST: usize = 254;
/// The longest part before the `@`, in bytes (RFC 5321 §4.5.3.1.1).
const LONGEST_LOCAL: usize = 64;
/// The longest name that stands with an address, in characters.
const LONGEST_NAME: usize = 100;

/// One address that mail can be sent to: `Dot-string@Domain` (RFC 5321 §4.1.2), the part before the `@` in any script
/// (RFC 6531 §3.3) and in NFC, the domain in ASCII. No quotes, no comments, no list, no line break: nothing of it can become a
/// header or a command. Whoever stores, mails or compares an address has read it here, so that all mean the same mailbox.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MailAddress {
    local: String,
    domain: String,
}

/// Why a text is none.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum MailAddressError {
    /// A character that was not meant to be there.
    #[error("{0}")]
    Blemish(Blemish),
    /// None, or several: a mail has one recipient.
    #[error("there must be one @ in it")]
    At,
    /// Empty, too long, with dots in a row, or with characters that would need quotes.
    #[error("the part before the @ is not one that mail can be sent to")]
    Local,
    /// A character before the @ that is another one in disguise (a full-width letter, a ligature): some servers read it as that.
    #[error("the part before the @ has a character that is read as another one by some (NFKC)")]
    Compatibility,
    /// An address of the internet or nothing of the kind.
    #[error("the part behind the @ is no name of a host")]
    Domain,
    /// Longer than any that can be delivered to.
    #[error("it has more than {LONGEST} bytes")]
    Long,
    /// Of a name that stands before it.
    #[error("the name before it must have at most {LONGEST_NAME} characters, and none of < > \"")]
    Name,
}

impl MailAddress {
    /// Reads an address.
    ///
    /// # Errors
    /// When mail cannot be sent there, or it is more than one.
    pub fn parse(text: &str) -> Result<Self, MailAddressError> {
        if let Some(blemish) = text::in_secret(text) {
            return Err(MailAddressError::Blemish(blemish));
        }
        let (local, domain) = text.split_once('@').ok_or(MailAddressError::At)?;
        if domain.contains('@') {
            return Err(MailAddressError::At);
        }
        let local: String = local.nfc().collect();
        let is_atom = |atom: &str| !atom.is_empty() && atom.chars().all(is_atext);
        if local.len() > LONGEST_LOCAL || !local.split('.').all(is_atom) {
            return Err(MailAddressError::Local);
        }
        if !local.nfkc().eq(local.chars()) {
            return Err(MailAddressError::Compatibility);
        }
        let domain = domain_name::in_ascii(domain).ok_or(MailAddressError::Domain)?;
        match local.len() + 1 + domain.len() > LONGEST {
            true => Err(MailAddressError::Long),
            false => Ok(Self { local, domain }),
        }
    }

    /// The part before the `@`.
    pub fn local(&self) -> &str {
        &self.local
    }

    /// The name of the host.
    pub fn domain(&self) -> &str {
        &self.domain
    }
}

/// What needs no quotes (RFC 5322 §3.2.3), and letters of any script.
fn is_atext(c: char) -> bool {
    match c.is_ascii() {
        true => c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c),
        false => !c.is_control() && !c.is_whitespace(),
    }
}

impl fmt::Display for MailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.local, self.domain)
    }
}

/// Without whom it is of: logs name nobody.
impl fmt::Debug for MailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MailAddress(…@{})", self.domain)
    }
}

impl TryFrom<String> for MailAddress {
    type Error = MailAddressError;

    fn try_from(text: String) -> Result<Self, MailAddressError> {
        Self::parse(&text)
    }
}

impl From<MailAddress> for String {
    fn from(address: MailAddress) -> Self {
        address.to_string()
    }
}

/// An address, and the name that is shown for it: `Example Accounts <no-reply@example.com>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedAddress {
    /// Who it says to be.
    pub name: Option<String>,
    /// Where.
    pub address: MailAddress,
}

impl NamedAddress {
    /// Reads `address` or `Name <address>`.
    ///
    /// # Errors
    /// When the address is none, or the name has a character that does not belong there.
    pub fn parse(text: &str) -> Result<Self, MailAddressError> {
        let Some((name, address)) = text.strip_suffix('>').and_then(|text| text.rsplit_once('<')) else {
            return Ok(Self { name: None, address: MailAddress::parse(text)? });
        };
        let name = name.trim_end_matches(' ');
        if let Some(blemish) = text::in_path(name) {
            return Err(MailAddressError::Blemish(blemish));
        }
        if name.chars().count() > LONGEST_NAME || name.contains(['<', '>', '"']) {
            return Err(MailAddressError::Name);
        }
        let name = (!name.is_empty()).then(|| name.to_owned());
        Ok(Self { name, address: MailAddress::parse(address)? })
    }
}

impl fmt::Display for NamedAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{name} <{}>", self.address),
            None => self.address.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_is_read_and_its_domain_is_ascii() {
        for (text, wanted) in [
            ("alice@example.com", "alice@example.com"),
            ("a.b+c_d=e'f@sub.example.com", "a.b+c_d=e'f@sub.example.com"),
            ("alice@Example.COM", "alice@example.com"),
            ("Ålice@exämple.com", "Ålice@xn--exmple-cua.com"),
            ("root@localhost", "root@localhost"),
            ("jose\u{301}@example.com", "jos\u{e9}@example.com"),
            ("a@\u{ff45}xample\u{3002}com", "a@example.com"),
        ] {
            assert_eq!(MailAddress::parse(text).map(|address| address.to_string()), Ok(wanted.to_owned()));
        }
    }

    #[test]
    fn nothing_that_could_become_a_header_a_command_or_a_second_recipient_is_an_address() {
        use MailAddressError::{At, Compatibility, Domain, Local, Long};
        for (text, wanted) in [
            ("alice", At),
            ("a@b@example.com", At),
            ("@example.com", Local),
            (".a@example.com", Local),
            ("a..b@example.com", Local),
            ("\"a\"@example.com", Local),
            ("a,b@example.com", Local),
            ("<a@example.com", Local),
            ("a(b)@example.com", Local),
            (&format!("{}@example.com", "a".repeat(65)), Local),
            ("\u{ff41}lice@example.com", Compatibility),
            ("\u{fb01}ne@example.com", Compatibility),
            ("a\u{17f}@example.com", Compatibility),
            ("a@ex%61mple.com", Domain),
            ("a@", Domain),
            ("a@127.0.0.1", Domain),
            ("a@[127.0.0.1]", Domain),
            ("a@-x.example", Domain),
            ("a@x..example", Domain),
            ("a@example.com>", Domain),
            ("a@example.com,b", Domain),
            (&format!("{}@{}", "a".repeat(64), ["b".repeat(63), "c".repeat(63), "d".repeat(63)].join(".")), Long),
        ] {
            assert_eq!(MailAddress::parse(text), Err(wanted), "{text}");
        }
        for text in
            ["a@example.com\r\nBcc: b@example.com", "a b@example.com", "a@example.com\n", "a\u{202e}@example.com"]
        {
            assert!(matches!(MailAddress::parse(text), Err(MailAddressError::Blemish(_))), "{text:?}");
        }
        assert!(serde_json::from_str::<MailAddress>("\"a@b@c\"").is_err());
    }

    #[test]
    fn a_name_may_stand_before_an_address() {
        let read = |text: &str| NamedAddress::parse(text).map(|named| (named.name.clone(), named.to_string()));
        let named = "Example Accounts <no-reply@example.com>";
        assert_eq!(read(named), Ok((Some("Example Accounts".into()), named.into())));
        assert_eq!(read("no-reply@example.com"), Ok((None, "no-reply@example.com".into())));
        assert_eq!(read("<no-reply@example.com>"), Ok((None, "no-reply@example.com".into())));
        assert_eq!(read("a <b> <c@example.com>"), Err(MailAddressError::Name));
        assert_eq!(read(&format!("{} <c@example.com>", "é".repeat(101))), Err(MailAddressError::Name));
        assert!(matches!(read("a\nBcc: x <c@example.com>"), Err(MailAddressError::Blemish(_))));
    }

    #[test]
    fn its_debug_form_names_nobody() {
        assert_eq!(format!("{:?}", MailAddress::parse("alice@example.com").unwrap()), "MailAddress(…@example.com)");
    }
}
