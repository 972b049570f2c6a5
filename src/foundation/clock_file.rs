//! How far a clock was moved forward, in a file: `latchkey dev` must not go back in time when it is started again, since
//! everything in its database has happened by then.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The file, which holds seconds as a decimal number. One process writes it.
#[derive(Debug)]
pub struct ClockFile {
    path: PathBuf,
    ahead: Mutex<Duration>,
}

impl ClockFile {
    /// Reads it. One that is not there says that the clock was never moved.
    ///
    /// # Errors
    /// When it cannot be read, or holds something else: to go on without it would be to go back in time.
    pub fn open(path: &Path) -> io::Result<Self> {
        let ahead = match fs::read_to_string(path) {
            Ok(text) => text.trim().parse().map(Duration::from_secs).map_err(io::Error::other)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Duration::ZERO,
            Err(error) => return Err(error),
        };
        Ok(Self { path: path.to_owned(), ahead: Mutex::new(ahead) })
    }

    /// How far it is ahead.
    pub fn ahead(&self) -> Duration {
        *self.ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes that it is ahead by so much more, if that is `most` at most in all; tells whether it is. It is on the disk
    /// before this returns, so that whoever moves the clock afterwards never goes back.
    ///
    /// # Errors
    /// When it cannot be written; nothing is different then.
    pub fn add(&self, by: Duration, most: Duration) -> io::Result<bool> {
        let mut ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        let further = ahead.saturating_add(by);
        if further > most {
            return Ok(false);
        }
        let new = self.path.with_extension("new");
        let mut file = File::create(&new)?;
        writeln!(file, "{}", further.as_secs())?;
        file.sync_all()?;
        fs::rename(&new, &self.path)?;
        *ahead = further;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    #[test]
    fn what_was_added_is_there_after_a_restart_and_there_is_an_end_to_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("clock-ahead");
        let file = ClockFile::open(&path).unwrap();
        assert_eq!(file.ahead(), Duration::ZERO);
        assert!(file.add(HOUR, 2 * HOUR).unwrap() && file.add(HOUR, 2 * HOUR).unwrap());
        assert!(!file.add(HOUR, 2 * HOUR).unwrap(), "further than it may");
        assert_eq!((file.ahead(), ClockFile::open(&path).unwrap().ahead()), (2 * HOUR, 2 * HOUR));
    }

    #[test]
    fn a_file_that_cannot_be_read_or_written_is_an_error_and_no_jump() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("clock-ahead");
        fs::write(&path, "soon").unwrap();
        assert!(ClockFile::open(&path).is_err());
        let nowhere = ClockFile::open(&folder.path().join("none/clock-ahead")).unwrap();
        assert!(nowhere.add(HOUR, HOUR).is_err());
        assert_eq!(nowhere.ahead(), Duration::ZERO);
    }
}
