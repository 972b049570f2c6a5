//! An address that a host may have.

use std::fmt;
use std::net::IpAddr;

use super::target::Exception;
use crate::foundation::address::Special;

/// An address of a host, and whether it is public.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The address.
    pub address: IpAddr,
    /// Why it is not public; `None` if it is.
    pub special: Option<Special>,
}

impl Candidate {
    /// Whether it is refused; an `exception` for the server permits all its addresses.
    pub fn is_refused(&self, exception: Option<Exception>) -> bool {
        self.special.is_some() && exception.is_none()
    }
}

/// As in "10.0.0.1 is private (10.0.0.0/8)".
impl fmt::Display for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.special {
            Some(special) => write!(f, "{} is {special}", self.address),
            None => write!(f, "{} is public", self.address),
        }
    }
}
