//! `[password]`: what a new password must be like.

use super::reader::Reader;

/// What a new password must be like.
#[derive(Clone, Copy, Debug)]
pub struct Password {
    /// Fewest characters (Unicode code points): 8 to 64, since 64 must always be accepted (NIST SP 800-63B-4 §3.1.1.2).
    pub min_length: u32,
}

impl Password {
    pub(super) fn read(from: &mut Reader) -> Option<Self> {
        Some(Self { min_length: from.within("password.min_length", 8..=64)? })
    }
}
