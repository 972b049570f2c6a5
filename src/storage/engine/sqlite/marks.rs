//! What identifies the files of a database: their names, and the id in their header.

use std::path::{Path, PathBuf};

/// "LKEY" at its place in the file's header, which marks a database as ours.
pub const APPLICATION_ID: i32 = 0x4c4b_4559;

/// Stands between the name of a database and the number of a file that is to become it.
pub const INFIX: &str = ".new";
/// The highest such number.
pub const HIGHEST: u32 = 1000;

/// The file at `path` with something behind its name.
pub fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
