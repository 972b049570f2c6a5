//! One SQLite file and several processes, and what happens to it that should not.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

use tokio::time::sleep;

use crate::LATCHKEY;
use crate::support::{Database, Installation};

const PASSWORD: &str = "correct horse battery staple\n";
const ROUNDS: usize = 8;
const AT_ONCE: usize = 5;

#[tokio::test(flavor = "multi_thread")]
async fn processes_that_start_at_once_on_a_new_file_all_succeed() {
    for round in 0..ROUNDS {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::in_folder(folder.path());
        let server = Installation::prepare(LATCHKEY, folder, database);
        let start = || {
            let mut command = Command::new(LATCHKEY);
            command.arg("migrate").arg("--config").arg(server.config());
            command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
        };
        let started: Vec<_> = (0..AT_ONCE).map(|_| start()).collect();
        for process in started {
            let ended = process.wait_with_output().unwrap();
            assert!(ended.status.success(), "round {round}: {}", String::from_utf8_lossy(&ended.stderr));
        }
        server.run(&["users", "create", "--username", "alice"], PASSWORD);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_was_acknowledged_is_lost_when_the_log_is_removed_and_the_server_killed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("latchkey.sqlite");
    let database = Database::in_folder(folder.path());
    let mut server = Installation::start_on(LATCHKEY, folder, database).await;
    server.run(&["users", "create", "--username", "alice"], PASSWORD);
    for suffix in ["-wal", "-shm"] {
        fs::remove_file(format!("{}{suffix}", path.display())).unwrap();
    }
    // Nobody asks it anything: it notices by itself, saves what it has, and says so.
    while !server.log_tail().contains("is in the database's file again: restart the server") {
        sleep(Duration::from_millis(20)).await;
    }
    let ready = reqwest::get(format!("{}/readyz", server.issuer)).await.unwrap();
    assert_eq!(ready.status(), 503);
    server.restart().await;
    let said = server.refused(&["users", "create", "--username", "alice"], PASSWORD);
    assert!(said.contains("taken"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_server_has_stopped_its_file_alone_is_the_whole_database() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("latchkey.sqlite");
    let database = Database::in_folder(folder.path());
    let mut server = Installation::start_on(LATCHKEY, folder, database).await;
    server.run(&["users", "create", "--username", "alice"], PASSWORD);
    let told = Command::new("kill").args(["-INT", &server.pid().to_string()]).status().unwrap();
    assert!(told.success() && server.wait().await.success());
    // As an operator copies it who knows of no other file.
    for suffix in ["-wal", "-shm"] {
        drop(fs::remove_file(format!("{}{suffix}", path.display())));
    }
    server.restart().await;
    let said = server.refused(&["users", "create", "--username", "alice"], PASSWORD);
    assert!(said.contains("taken"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emptied_database_does_not_pass_for_a_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("latchkey.sqlite");
    let database = Database::in_folder(folder.path());
    let server = Installation::prepare(LATCHKEY, folder, database);
    server.run(&["migrate"], "");
    let made = fs::metadata(&path).unwrap().created().unwrap();
    let file = fs::File::options().write(true).open(&path).unwrap();
    file.set_len(0).unwrap();
    file.set_modified(made + Duration::from_secs(60)).unwrap();
    for command in [&["serve"][..], &["migrate"], &["keys", "list"]] {
        let said = server.refused(command, "");
        assert!(said.contains("is empty") && said.contains("restore a backup") && said.lines().count() == 1, "{said}");
    }
}
