//! Who may make an account for themselves, and with which names.

use super::identifier::{IdentifierError, LoginIdentifier};
use super::password_policy::PasswordRefused;
use crate::foundation::mail_address::MailAddress;

/// Who makes an account for themselves.
#[derive(Clone, Debug)]
pub struct SignUpPolicy {
    /// Whether anybody does.
    pub mode: SignUpMode,
    /// Whose addresses are taken: what stands behind the `@`, in ASCII; empty: everybody's.
    pub domains: Vec<String>,
    /// Whether they choose a username.
    pub username: UsernameRule,
}

/// Whether people make accounts for themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignUpMode {
    /// Nobody.
    Off,
    /// Whoever was invited.
    Invitation,
    /// Whoever wants one.
    Open,
}

/// Whether people choose a username when they make an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UsernameRule {
    /// They sign in with their address.
    Off,
    /// Whoever wants one.
    Optional,
    /// Everybody.
    Required,
}

/// What is wrong with a field of the form. None of it tells whether somebody has an account, but for usernames, which are
/// public.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// No mail can be sent there.
    Email(IdentifierError),
    /// Addresses of this domain are not taken.
    Domain,
    /// No username can be like that.
    Username(IdentifierError),
    /// There must be a username.
    UsernameMissing,
    /// Somebody has that username, or one that looks like it.
    UsernameTaken,
    /// A password that must not be chosen.
    Password(PasswordRefused),
}

/// An address of somebody who says that it is theirs: read once, and from then on the same for the claim, the name and the mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAddress {
    /// As it is stored and told to applications: where mail goes.
    pub claim: String,
    /// By which it is looked up.
    pub identifier: LoginIdentifier,
    /// Where mail to it goes.
    pub mailbox: MailAddress,
}

impl NewAddress {
    /// Reads it.
    ///
    /// # Errors
    /// When it is not one address that mail can be sent to.
    pub fn parse(typed: &str) -> Result<Self, Wrong> {
        let mailbox = MailAddress::parse(typed.trim()).map_err(|error| Wrong::Email(error.into()))?;
        let identifier = LoginIdentifier::of_mailbox(&mailbox).map_err(Wrong::Email)?;
        Ok(Self { claim: mailbox.to_string(), identifier, mailbox })
    }
}

impl SignUpPolicy {
    /// The address of somebody who makes an account without having been invited.
    ///
    /// # Errors
    /// When it cannot be taken, whoever has it.
    pub fn address(&self, typed: &str) -> Result<NewAddress, Wrong> {
        let address = NewAddress::parse(typed)?;
        match self.domains.is_empty() || self.domains.iter().any(|domain| domain == address.mailbox.domain()) {
            true => Ok(address),
            false => Err(Wrong::Domain),
        }
    }

    /// The username that was typed, if one is to be had.
    ///
    /// # Errors
    /// When it cannot be taken, or must not be missing.
    pub fn username(&self, typed: &str) -> Result<Option<(String, LoginIdentifier)>, Wrong> {
        let typed = typed.trim();
        match (self.username, typed.is_empty()) {
            (UsernameRule::Off, _) | (UsernameRule::Optional, true) => Ok(None),
            (UsernameRule::Required, true) => Err(Wrong::UsernameMissing),
            (UsernameRule::Optional | UsernameRule::Required, false) => new_username(typed).map(Some),
        }
    }
}

/// A username for somebody who does not have it yet.
///
/// # Errors
/// When it cannot be one, or mixes alphabets.
pub fn new_username(typed: &str) -> Result<(String, LoginIdentifier), Wrong> {
    let name = LoginIdentifier::username(typed).map_err(Wrong::Username)?;
    match name.is_of_one_script() {
        true => Ok((typed.trim().to_owned(), name)),
        false => Err(Wrong::Username(IdentifierError::MixedScripts)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(domains: &[&str], username: UsernameRule) -> SignUpPolicy {
        let domains = domains.iter().map(|domain| (*domain).to_owned()).collect();
        SignUpPolicy { mode: SignUpMode::Open, domains, username }
    }

    #[test]
    fn only_addresses_of_the_domains_are_taken_however_they_are_spelled() {
        let rule = policy(&["example.com", "xn--bcher-kva.example"], UsernameRule::Off);
        for good in ["a@example.com", " A@EXAMPLE.com ", "a@bücher.example", "a@xn--bcher-kva.example"] {
            assert!(rule.address(good).is_ok(), "{good}");
        }
        for bad in ["a@example.com.evil.test", "a@evilexample.com", "a@sub.example.com", "a@example.co"] {
            assert_eq!(rule.address(bad), Err(Wrong::Domain), "{bad}");
        }
        // CVE-2026-40574: several @, of which another one is looked at than mail is sent by.
        for bad in [
            "a@evil.test@example.com",
            "a@example.com@evil.test",
            "\"a@evil.test\"@example.com",
            "a@example.com,b@evil.test",
        ] {
            assert!(matches!(rule.address(bad), Err(Wrong::Email(_))), "{bad}");
        }
        assert!(policy(&[], UsernameRule::Off).address("a@anywhere.test").is_ok());
    }

    #[test]
    fn the_claim_the_name_and_the_mail_are_of_one_mailbox() {
        for (typed, claim, name) in [
            (" Alice@Example.COM ", "Alice@example.com", "alice@example.com"),
            ("a@b\u{fc}cher.example", "a@xn--bcher-kva.example", "a@xn--bcher-kva.example"),
            ("Jose\u{301}@example.com", "Jos\u{e9}@example.com", "jos\u{e9}@example.com"),
        ] {
            let address = NewAddress::parse(typed).unwrap();
            assert_eq!((address.claim.as_str(), address.identifier.as_str()), (claim, name));
            assert_eq!(address.mailbox.to_string(), claim);
        }
        for other in ["\u{ff41}lice@example.com", "a..b@example.com", "a@ex%61mple.com"] {
            assert!(NewAddress::parse(other).is_err(), "{other}");
        }
    }

    #[test]
    fn a_username_is_asked_for_where_the_rule_says_so() {
        let typed = |rule, text: &str| policy(&[], rule).username(text).map(|name| name.map(|(name, _)| name));
        assert_eq!(typed(UsernameRule::Off, "alice"), Ok(None), "a field that is not shown is not read");
        assert_eq!(typed(UsernameRule::Optional, " "), Ok(None));
        assert_eq!(typed(UsernameRule::Required, " "), Err(Wrong::UsernameMissing));
        assert_eq!(typed(UsernameRule::Required, " Alice "), Ok(Some("Alice".into())));
        let mixed = Wrong::Username(IdentifierError::MixedScripts);
        assert_eq!(typed(UsernameRule::Optional, "\u{430}lice"), Err(mixed));
        let at = Wrong::Username(IdentifierError::AtInUsername);
        assert_eq!(typed(UsernameRule::Optional, "alice@example.com"), Err(at));
    }
}
