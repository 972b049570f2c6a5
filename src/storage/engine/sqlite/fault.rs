//! What SQLite says of a failure. diesel hands on its words without its result code, so they are read: here, and nowhere
//! else.

use crate::storage::StoreError;

/// What a failure of SQLite means to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Another process has the file to itself (SQLITE_BUSY, SQLITE_LOCKED).
    Locked,
    /// It is no database of SQLite's, or a damaged one (SQLITE_NOTADB, SQLITE_CORRUPT).
    Damaged,
    /// The file cannot be opened or written (SQLITE_CANTOPEN, SQLITE_READONLY).
    Rights,
}

impl Fault {
    /// The fault that `error` tells of; `None` for any other, also for one that we have put in words of our own.
    pub fn of(error: &StoreError) -> Option<Self> {
        let StoreError::Unavailable(said) = error else { return None };
        let says = |words: [&str; 2]| words.into_iter().any(|word| said.contains(word));
        match said.as_str() {
            "unable to open database file" | "attempt to write a readonly database" => Some(Self::Rights),
            _ if says(["not a database", "malformed"]) => Some(Self::Damaged),
            _ if says(["is locked", "busy"]) => Some(Self::Locked),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_sqlite_says_is_understood() {
        for (said, fault) in [
            ("database is locked", Some(Fault::Locked)),
            ("database table is locked: clients", Some(Fault::Locked)),
            ("file is not a database", Some(Fault::Damaged)),
            ("database disk image is malformed", Some(Fault::Damaged)),
            ("unable to open database file", Some(Fault::Rights)),
            ("attempt to write a readonly database", Some(Fault::Rights)),
            ("/data/a.sqlite: attempt to write a readonly database: this process runs as user 1", None),
            ("database or disk is full", None),
        ] {
            assert_eq!(Fault::of(&StoreError::unavailable(said)), fault, "{said}");
        }
        assert_eq!(Fault::of(&StoreError::Unusable("database is locked".into())), None);
    }
}
