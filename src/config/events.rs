//! `[events]`: the record of who did what.

use std::time::Duration;

use super::reader::Reader;

const DAY: Duration = Duration::from_secs(86_400);
const TEN_YEARS: Duration = Duration::from_secs(3650 * 86_400);

/// The record of who did what.
#[derive(Clone, Copy, Debug)]
pub struct Events {
    /// How long events are kept.
    pub retention: EventRetention,
}

/// How long events are kept, by what they are about.
#[derive(Clone, Copy, Debug)]
pub struct EventRetention {
    /// Sign-ins, tokens, and what was refused.
    pub authentication: Duration,
    /// Changes of accounts, clients, keys and consents.
    pub changes: Duration,
}

impl Events {
    pub(super) fn read(from: &mut Reader) -> Option<Self> {
        let authentication = from.within("events.retention.authentication", DAY..=TEN_YEARS);
        let changes = from.within("events.retention.changes", DAY..=TEN_YEARS);
        Some(Self { retention: EventRetention { authentication: authentication?, changes: changes? } })
    }
}
