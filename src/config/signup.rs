//! `[signup]`: who makes an account for themselves.

use url::Host;

use super::reader::Reader;
use super::setting::{Setting, quote};

/// Who makes an account for themselves.
#[derive(Clone, Debug)]
pub struct SignUp {
    /// Whether anybody does.
    pub mode: SignUpMode,
    /// Whose addresses are taken, in ASCII; empty: everybody's.
    pub domains: Vec<String>,
    /// Whether they choose a username.
    pub username: SignUpUsername,
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
pub enum SignUpUsername {
    /// They sign in with their address.
    Off,
    /// Whoever wants one.
    Optional,
    /// Everybody.
    Required,
}

impl Setting for SignUpMode {
    const EXPECTED: &'static str = "\"off\", \"invitation\" or \"open\"";
    fn from_text(text: &str) -> Result<Self, String> {
        match text {
            "off" => Ok(Self::Off),
            "invitation" => Ok(Self::Invitation),
            "open" => Ok(Self::Open),
            other => Err(format!("expected {}, found {}", Self::EXPECTED, quote(other))),
        }
    }
    fn show(&self) -> String {
        quote(match self {
            Self::Off => "off",
            Self::Invitation => "invitation",
            Self::Open => "open",
        })
    }
}

impl Setting for SignUpUsername {
    const EXPECTED: &'static str = "\"off\", \"optional\" or \"required\"";
    fn from_text(text: &str) -> Result<Self, String> {
        match text {
            "off" => Ok(Self::Off),
            "optional" => Ok(Self::Optional),
            "required" => Ok(Self::Required),
            other => Err(format!("expected {}, found {}", Self::EXPECTED, quote(other))),
        }
    }
    fn show(&self) -> String {
        quote(match self {
            Self::Off => "off",
            Self::Optional => "optional",
            Self::Required => "required",
        })
    }
}

impl SignUp {
    pub(super) fn read(from: &mut Reader) -> Option<Self> {
        let mode = from.value("signup.mode");
        let domains: Option<Vec<String>> = from.value("signup.domains");
        let username = from.value("signup.username");
        let (mode, domains, username) = (mode?, domains?, username?);
        if mode == SignUpMode::Off && !domains.is_empty() {
            from.refuse("signup.domains", "has no effect: nobody can sign up while signup.mode is \"off\"");
            return None;
        }
        let ascii = |domain: &String| match Host::parse(domain) {
            Ok(Host::Domain(name)) if !domain.contains('@') => Ok(name),
            _ => Err(quote(domain)),
        };
        match domains.iter().map(ascii).collect::<Result<_, _>>() {
            Ok(domains) => Some(Self { mode, domains, username }),
            Err(bad) => {
                from.refuse("signup.domains", format!("{bad} is not what stands behind the @ of an address"));
                None
            }
        }
    }
}
