//! Says why a database's files cannot be opened or written. SQLite's own words ("unable to open database file",
//! "attempt to write a readonly database") name neither the file nor the user who was refused.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::fault::Fault;
use super::marks::beside;
use crate::storage::StoreError;

/// What a process may do with a file: the bits of a mode.
const READ_AND_WRITE: u32 = 0o6;
/// In a folder: look a name up, and make and delete files.
const ENTER_AND_WRITE: u32 = 0o3;

/// On whose behalf a process works.
struct Identity {
    user: u32,
    groups: Vec<u32>,
}

/// Who owns a file, and what its mode lets others do.
struct Owned {
    path: PathBuf,
    user: u32,
    group: u32,
    mode: u32,
}

/// The same error, with the path, the user we run as and the missing right, if it is about rights.
pub fn explain(error: StoreError, path: &Path) -> StoreError {
    match (Fault::of(&error), error) {
        (Some(Fault::Rights), StoreError::Unavailable(cause)) => StoreError::Unavailable(explained(&cause, path)),
        (_, other) => other,
    }
}

/// What SQLite said about rights to the database at `path`, with the path, the user we run as and the missing right.
pub fn explained(cause: &str, path: &Path) -> String {
    format!("{}: {cause}: {}", path.display(), missing(path))
}

/// What is missing for the database at `path` to be made, opened and written.
pub fn missing(path: &Path) -> String {
    let Some(identity) = Identity::of_this_process() else {
        return "a right to the file or its folder is missing".into();
    };
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    // If the folder does not exist yet, the one in which it would be made.
    let folder = path.ancestors().skip(1).find(|folder| folder.exists()).and_then(Owned::at);
    let files = [path.clone(), beside(&path, "-wal"), beside(&path, "-shm")];
    let files = files.iter().filter_map(|file| Owned::at(file));
    let needs =
        folder.into_iter().map(|folder| (folder, ENTER_AND_WRITE)).chain(files.map(|file| (file, READ_AND_WRITE)));
    told(&identity, &needs.collect::<Vec<_>>())
}

fn told(identity: &Identity, needs: &[(Owned, u32)]) -> String {
    let Identity { user, groups } = identity;
    let refused: Vec<_> = needs.iter().filter(|(owned, needs)| !identity.may(owned, *needs)).collect();
    let said = refused.iter().map(|(Owned { path, user, group, mode }, _)| {
        format!("{} is of user {user} and group {group} with mode {:03o}", path.display(), mode & 0o777)
    });
    let groups = groups.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let who = format!("this process runs as user {user} in the groups {groups}");
    match refused.is_empty() {
        true => format!(
            "{who}, which the modes of the files and their folder allow to write; perhaps the file system is mounted \
             read-only, or a policy of the system forbids it"
        ),
        false => format!("{who}, but {}: it must be able to write there", said.collect::<Vec<_>>().join(", and ")),
    }
}

impl Identity {
    /// From the kernel; only Linux has such a file.
    fn of_this_process() -> Option<Self> {
        Self::read(&fs::read_to_string("/proc/self/status").ok()?)
    }

    fn read(status: &str) -> Option<Self> {
        let numbers = |name: &str| -> Option<Vec<u32>> {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_whitespace().map(|number| number.parse().ok()).collect()
        };
        // Real, effective, saved and of the file system: the last is what files are opened with.
        let (user, group) = (*numbers("Uid:")?.last()?, *numbers("Gid:")?.last()?);
        let mut groups = vec![group];
        groups.extend(numbers("Groups:")?.into_iter().filter(|other| *other != group));
        Some(Self { user, groups })
    }

    /// Whether the mode gives this identity all bits of `needs`.
    fn may(&self, owned: &Owned, needs: u32) -> bool {
        let granted = match () {
            () if self.user == owned.user => owned.mode >> 6,
            () if self.groups.contains(&owned.group) => owned.mode >> 3,
            () => owned.mode,
        };
        self.user == 0 || granted & needs == needs
    }
}

impl Owned {
    fn at(path: &Path) -> Option<Self> {
        let found = fs::metadata(path).ok()?;
        Some(Self { path: path.to_owned(), user: found.uid(), group: found.gid(), mode: found.mode() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owned(path: &str, user: u32, group: u32, mode: u32) -> Owned {
        Owned { path: path.into(), user, group, mode: 0o100_000 | mode }
    }

    fn process(user: u32, groups: &[u32]) -> Identity {
        Identity { user, groups: groups.to_vec() }
    }

    #[test]
    fn the_bits_of_the_first_that_it_is_decide_owner_group_or_others() {
        for (user, groups, mode, may) in [
            (7, &[70][..], 0o600, true),
            (7, &[70], 0o066, false),
            (8, &[60, 70], 0o060, true),
            (8, &[70], 0o606, false),
            (8, &[60], 0o006, true),
            (8, &[60], 0o644, false),
            (8, &[60], 0o002, false),
            (0, &[0], 0o000, true),
        ] {
            let file = owned("/d", 7, 70, mode);
            assert_eq!(process(user, groups).may(&file, READ_AND_WRITE), may, "{user} {groups:?} {mode:o}");
        }
        assert!(!process(7, &[70]).may(&owned("/d", 7, 70, 0o600), ENTER_AND_WRITE), "it cannot be entered");
    }

    #[test]
    fn what_is_missing_is_told_with_who_misses_it() {
        let folder = || (owned("/data", 0, 0, 0o755), ENTER_AND_WRITE);
        let file = |user| (owned("/data/latchkey.sqlite", user, 5, 0o600), READ_AND_WRITE);
        assert_eq!(
            told(&process(65_532, &[65_532, 5]), &[folder(), file(65_532)]),
            "this process runs as user 65532 in the groups 65532, 5, but /data is of user 0 and group 0 with mode 755: it \
             must be able to write there"
        );
        let both = told(&process(65_532, &[65_532]), &[folder(), file(0)]);
        assert!(both.contains("755, and /data/latchkey.sqlite is of user 0 and group 5 with mode 600:"), "{both}");
        let none = told(&process(0, &[0]), &[folder(), file(0)]);
        assert!(none.starts_with("this process runs as user 0") && none.contains("mounted read-only"), "{none}");
    }

    #[test]
    fn who_a_process_is_stands_in_its_status() {
        let status = "Name:\tx\nUid:\t1\t2\t3\t4\nGid:\t5\t6\t7\t8\nFDSize:\t64\nGroups:\t8 9 \nKthread:\t0\n";
        let read = Identity::read(status).unwrap();
        assert_eq!((read.user, read.groups), (4, vec![8, 9]));
        assert!(Identity::read("Uid:\tnobody\n").is_none());
    }
}
