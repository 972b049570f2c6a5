//! `[keys]`: the signing keys.

use std::time::Duration;

use super::reader::Reader;

const HOUR: Duration = Duration::from_secs(3600);
const TWO_YEARS: Duration = Duration::from_secs(730 * 86_400);

/// The signing keys.
#[derive(Clone, Copy, Debug)]
pub struct Keys {
    /// The age at which a key is replaced.
    pub rotate_after: Duration,
}

impl Keys {
    pub(super) fn read(from: &mut Reader) -> Option<Self> {
        Some(Self { rotate_after: from.within("keys.rotate_after", HOUR..=TWO_YEARS)? })
    }
}
