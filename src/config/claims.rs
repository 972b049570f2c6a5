//! `[claims]`: claims beside the standard ones.

use std::collections::BTreeMap;

use super::reader::Reader;

/// Claims beside the standard ones.
#[derive(Clone, Debug)]
pub struct Claims {
    /// Each claim's name, and the scope that releases it.
    pub extra: BTreeMap<String, String>,
}

impl Claims {
    pub(super) fn read(from: &mut Reader) -> Option<Self> {
        Some(Self { extra: from.table("claims.extra")? })
    }
}
