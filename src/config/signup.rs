//! `[signup]`: who makes an account for themselves.

use url::Host;

use super::reader::Reader;
use super::setting::{choice, quote};

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

choice!(SignUpMode: Off = "off", Invitation = "invitation" or Open = "open");

choice!(SignUpUsername: Off = "off", Optional = "optional" or Required = "required");

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
