//! A SQLite database that the process has no right to.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::LATCHKEY;

/// Whom the program runs as here: somebody without any right, if we can choose.
const NOBODY: u32 = 65_534;

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("it is ours");
}

/// What a command says on standard error; it must fail if `told` is not empty, in one line with all of that.
fn says(folder: &Path, as_root: bool, arguments: &[&str], told: &[&str]) {
    let mut command = Command::new(LATCHKEY);
    command.arg("--config").arg(folder.join("latchkey.toml")).args(arguments).stdin(Stdio::null()).current_dir("/");
    if as_root {
        command.uid(NOBODY).gid(NOBODY);
    }
    let output = command.output().expect("the binary starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.success(), told.is_empty(), "{arguments:?}: {said}");
    assert!(told.is_empty() || said.trim_end().lines().count() == 1, "{said}");
    for part in told {
        assert!(said.contains(part), "{arguments:?}, {part}: {said}");
    }
}

#[test]
fn a_folder_or_a_file_that_cannot_be_written_is_named_with_who_may_not() {
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path();
    let as_root = folder.metadata().unwrap().uid() == 0;
    let user = if as_root { NOBODY } else { folder.metadata().unwrap().uid() };
    let place = folder.join("data");
    fs::create_dir(&place).unwrap();
    let database = place.join("latchkey.sqlite");
    let config = format!(
        "issuer = \"http://127.0.0.1:1\"\n[database]\nurl = \"sqlite:{}\"\n[secrets]\nmaster_key = \
         \"4OGl4vXMm6dW5xrfdK504rl20YKzr4tzsiL5IPZUHM4=\"\n",
        database.display()
    );
    fs::write(folder.join("latchkey.toml"), config).unwrap();
    set_mode(folder, 0o755);
    set_mode(&folder.join("latchkey.toml"), 0o644);
    let (who, where_) = (format!("runs as user {user} "), place.display().to_string());
    let folder_is = format!("{where_} is of user ");

    set_mode(&place, 0o555);
    says(folder, as_root, &["migrate"], &[&database.display().to_string(), &who, &folder_is, "with mode 555"]);
    if as_root {
        chown(&place, Some(NOBODY), Some(NOBODY)).unwrap();
    }
    set_mode(&place, 0o755);
    says(folder, as_root, &["migrate"], &[]);

    set_mode(&database, 0o444);
    let file_is = format!("{} is of user ", database.display());
    let create = ["clients", "create", "--name", "A", "--auth", "none", "--redirect-uri", "https://a.example/"];
    says(folder, as_root, &create, &[&who, &file_is, "with mode 444"]);
    set_mode(&database, 0o000);
    says(folder, as_root, &["keys", "list"], &[&who, &file_is, "with mode 000"]);
    // SQLite gives the log's files the mode that the database had when they were made.
    set_mode(&database, 0o600);
    let index = place.join("latchkey.sqlite-shm");
    if index.exists() {
        says(folder, as_root, &create, &[&who, &format!("{} is of user ", index.display()), "with mode 444"]);
    }
    for log in
        ["latchkey.sqlite-wal", "latchkey.sqlite-shm"].map(|log| place.join(log)).iter().filter(|log| log.exists())
    {
        set_mode(log, 0o600);
    }
    says(folder, as_root, &create, &[]);
    set_mode(&place, 0o555);
    for log in ["latchkey.sqlite-wal", "latchkey.sqlite-shm"] {
        drop(fs::remove_file(place.join(log)));
    }
    says(folder, as_root, &["keys", "list"], &[&who, &folder_is, "with mode 555"]);
    set_mode(&place, 0o755);
}
