//! `[geo]`: where an address is.

use std::path::PathBuf;

use super::reader::Reader;

/// Where an address is.
#[derive(Clone, Debug)]
pub struct Geo {
    /// A database in MaxMind's format.
    pub database: Option<PathBuf>,
}

impl Geo {
    pub(super) fn read(from: &mut Reader) -> Option<Self> {
        Some(Self { database: from.optional("geo.database")? })
    }
}
