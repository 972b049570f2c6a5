//! What a process left behind that was killed while it made a new database: files such as `latchkey.sqlite.new0`.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::marks::{APPLICATION_ID, HIGHEST, INFIX, beside};

/// A database without tables is one page.
const PAGE: u64 = 4096;
const HEADER: &[u8] = b"SQLite format 3\0";

/// Marks a folder, while it is held, as one in which a database is being made. It is a lock of the kernel: it ends with
/// the process in any case, and other containers that share the folder see it as well.
pub struct Making(#[expect(dead_code, reason = "held, not read")] Option<File>);

impl Making {
    /// Locks the folder. Where that is impossible, [`remove`] deletes nothing either.
    pub fn in_folder(folder: &Path) -> Self {
        Self(File::open(folder).ok().filter(|file| file.lock_shared().is_ok()))
    }
}

/// Deletes what was left behind beside `path`, unless a database is being made there now. It deletes a file only if it
/// can be nothing else: it has such a name, only its owner can read it, and it is an empty database with our id, or
/// empty, or another name of the very file at `path`.
pub fn remove(path: &Path) {
    let (Some(folder), Some(database)) = (path.parent(), path.file_name()) else { return };
    // Held until the end, so that a process which begins to make a database waits.
    let Some(_alone) = File::open(folder).ok().filter(|file| file.try_lock().is_ok()) else { return };
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let found = entry.path();
        if is_such_a_name(database, &entry.file_name()) && is_left_behind(&found, path).unwrap_or(false) {
            // The journal first: without its file nothing would ever find it.
            let removed = remove_if_there(&beside(&found, "-journal"))
                .and_then(|()| remove_if_there(&beside(&found, "-wal")))
                .and_then(|()| remove_if_there(&beside(&found, "-shm")))
                .and_then(|()| fs::remove_file(&found));
            if removed.is_ok() {
                tracing::info!(file = %found.display(), "removed what a start that was killed had left behind");
            }
        }
    }
}

fn is_such_a_name(database: &OsStr, name: &OsStr) -> bool {
    let number = name.as_encoded_bytes().strip_prefix(database.as_encoded_bytes());
    let number = number.and_then(|rest| rest.strip_prefix(INFIX.as_bytes()));
    let number = number.and_then(|digits| str::from_utf8(digits).ok());
    number.is_some_and(|digits| digits.parse::<u32>().is_ok_and(|n| n <= HIGHEST && n.to_string() == digits))
}

fn is_left_behind(found: &Path, path: &Path) -> io::Result<bool> {
    let metadata = fs::symlink_metadata(found)?;
    let has_log = fs::metadata(beside(found, "-wal")).is_ok_and(|log| log.len() > 0);
    if !metadata.is_file() || metadata.mode() & 0o077 != 0 || has_log {
        return Ok(false);
    }
    // Before it is opened: closing it would end the locks that this process has on the database.
    let is_same = fs::metadata(path).is_ok_and(|it| (it.dev(), it.ino()) == (metadata.dev(), metadata.ino()));
    if is_same || metadata.len() == 0 {
        return Ok(true);
    }
    if metadata.len() != PAGE {
        return Ok(false);
    }
    let mut header = [0; 100];
    File::open(found)?.read_exact(&mut header)?;
    Ok(header.starts_with(HEADER) && header.get(68..72).is_some_and(|id| id == APPLICATION_ID.to_be_bytes()))
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
