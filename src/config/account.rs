//! `[account]`: what people may do to their own account.

use std::time::Duration;

use super::Switch;
use super::reader::Reader;

/// What people may do to their own account.
#[derive(Clone, Copy, Debug)]
pub struct Account {
    /// Whether they may delete it.
    pub self_deletion: Switch,
    /// How long they can still change their mind.
    pub delete_after: Duration,
}

impl Account {
    pub(super) fn read(from: &mut Reader) -> Option<Self> {
        let self_deletion = from.value("account.self_deletion");
        let delete_after = from.within("account.delete_after", Duration::ZERO..=Duration::from_secs(90 * 86_400));
        Some(Self { self_deletion: self_deletion?, delete_after: delete_after? })
    }
}
