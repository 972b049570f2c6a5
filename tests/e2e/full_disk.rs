//! A SQLite database on a disk that is full.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::LATCHKEY;
use crate::support::{Database, Installation, until};

/// A disk of eight megabytes, in memory.
struct Disk(TempDir);

impl Disk {
    /// `None` where we may not mount one.
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=8m", "tmpfs"]).arg(folder.path()).output();
        mounted.is_ok_and(|output| output.status.success()).then(|| Self(folder))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes until there is no room.
    fn fill(&self) {
        let mut file = File::create(self.path().join("full")).expect("a file can be made");
        while file.write_all(&[0; 4096]).is_ok() {}
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: the server may still have files there.
        drop(Command::new("umount").arg("-l").arg(self.path()).status());
    }
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::print_stderr, reason = "what could not run is said")]
async fn a_server_on_a_full_disk_is_not_ready_reads_on_and_is_ready_again_once_there_is_room() {
    let Some(disk) = Disk::mount() else {
        eprintln!("SKIPPED: a disk can be mounted by root only");
        return;
    };
    let database = Database::in_folder(disk.path());
    let mut server = Installation::start_on(LATCHKEY, tempfile::tempdir().unwrap(), database).await;
    let get = async |path: &str| reqwest::get(format!("{}{path}", server.issuer)).await.expect("an answer").status();
    let create = ["clients", "create", "--name", "A", "--id", "machine", "--grant", "client_credentials"];
    server.run(&create, "");

    disk.fill();
    // Nobody writes: it is found out by trying, every ten seconds.
    until("it says that it is not ready", async || get("/readyz").await == 503).await;
    assert_eq!((get("/healthz").await, get("/jwks").await), (reqwest::StatusCode::OK, reqwest::StatusCode::OK));
    assert!(server.refused(&["clients", "delete", "machine", "--yes"], "").contains("disk is full"));
    assert_eq!(server.run(&["clients", "show", "machine"], "")["enabled"], true, "nothing was changed");

    std::fs::remove_file(disk.path().join("full")).unwrap();
    until("it is ready again", async || get("/readyz").await == 200).await;
    assert_eq!(server.run(&["clients", "delete", "machine", "--yes"], "")["deleted"], true);
    server.kill();
}
