//! The file of a SQLite database: made whole, recognised, and watched while it is in use.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use tempfile::TempDir;

use super::super::{Conn, Patience, Store, StoreError, StoreSettings};
use super::NOW;
use crate::storage::engine::schema::revoked_tokens;

/// A folder in memory and the path of a database in it.
fn place() -> (TempDir, PathBuf) {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() }.unwrap();
    let path = folder.path().join("latchkey.sqlite");
    (folder, path)
}

fn settings(path: &Path) -> StoreSettings {
    StoreSettings::new(format!("sqlite:{}", path.display()).parse().unwrap())
}

async fn open(path: &Path) -> Result<Store, StoreError> {
    Store::connect(settings(path)).await
}

/// What a path that is not used says.
async fn refusal(path: &Path) -> String {
    match open(path).await {
        Err(StoreError::Unusable(said)) => said,
        other => panic!("{other:?}"),
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    PathBuf::from(format!("{}{suffix}", path.display()))
}

fn outside(path: &Path) -> SqliteConnection {
    SqliteConnection::establish(path.to_str().unwrap()).unwrap()
}

async fn add(store: &Store, id: &str) -> Result<(), StoreError> {
    store
        .transaction("test", async |tx: &mut Conn| {
            let row =
                (revoked_tokens::id.eq(id), revoked_tokens::revoked_at.eq(NOW), revoked_tokens::expires_at.eq(NOW));
            diesel::insert_into(revoked_tokens::table).values(row).execute(tx).await?;
            Ok(())
        })
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn at_the_end_everything_is_in_the_file_and_the_log_is_empty() {
    let (folder, path) = place();
    let store = open(&path).await.unwrap();
    store.migrate().await.unwrap();
    add(&store, "last").await.unwrap();
    assert!(fs::metadata(beside(&path, "-wal")).unwrap().len() > 0);
    store.finish().await.unwrap();
    assert_eq!(fs::metadata(beside(&path, "-wal")).unwrap().len(), 0);
    assert_eq!(without_log(&folder, &path), 1);
}

/// Rows that the file has without its log.
fn without_log(folder: &TempDir, path: &Path) -> i64 {
    let copy = folder.path().join("copy.sqlite");
    fs::copy(path, &copy).unwrap();
    diesel::RunQueryDsl::get_result(revoked_tokens::table.count(), &mut outside(&copy)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_copied_while_others_read_and_write() {
    let (folder, path) = place();
    let store = open(&path).await.unwrap();
    store.migrate().await.unwrap();
    store.copy_log().await.unwrap();
    add(&store, "a").await.unwrap();
    assert_eq!(without_log(&folder, &path), 0, "a commit copies nothing while the log is short");
    store
        .read("test", async |_: &mut Conn| {
            store
                .transaction("test", async |_: &mut Conn| {
                    store.copy_log().await?;
                    Ok(())
                })
                .await
        })
        .await
        .unwrap();
    assert_eq!(without_log(&folder, &path), 1);
    add(&store, "b").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_file_has_its_id_and_its_log_from_the_first_moment() {
    let (folder, path) = place();
    drop(open(&folder.path().join("deep/latchkey.sqlite")).await.unwrap());
    drop(open(&path).await.unwrap());
    let header = fs::read(&path).unwrap();
    assert_eq!(&header[..16], b"SQLite format 3\0");
    assert_eq!(header[18..20], [2, 2], "the write-ahead log: nobody who starts beside has to switch it on");
    assert_eq!(&header[68..72], b"LKEY");
    let names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(names.iter().filter(|name| name.to_string_lossy().contains("new")).count(), 0, "{names:?}");
}

fn private(path: &Path) {
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

/// The files whose names look as if a database were being made.
fn new_ones(folder: &TempDir) -> BTreeSet<String> {
    let name = |file: std::io::Result<fs::DirEntry>| file.unwrap().file_name().into_string().unwrap();
    fs::read_dir(folder.path()).unwrap().map(name).filter(|name| name.contains("new")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_start_left_behind_goes_at_the_next_one() {
    let (folder, path) = place();
    drop(open(&path).await.unwrap());
    // Killed before anything was written, in the middle of it, when it was whole, and when it had its name already.
    for suffix in [".new0", ".new1", ".new1-journal"] {
        File::create(beside(&path, suffix)).unwrap();
        private(&beside(&path, suffix));
    }
    fs::copy(&path, beside(&path, ".new20")).unwrap();
    fs::hard_link(&path, beside(&path, ".new1000")).unwrap();

    let folder_is_in_use = File::open(folder.path()).unwrap();
    folder_is_in_use.lock_shared().unwrap();
    drop(open(&path).await.unwrap());
    assert_eq!(new_ones(&folder).len(), 5, "another process is at it");
    drop(folder_is_in_use);
    let commands = StoreSettings { may_create: false, ..settings(&path) };
    drop(Store::connect(commands).await.unwrap());
    assert_eq!(new_ones(&folder).len(), 5, "a command tidies up nothing");
    open(&path).await.unwrap().migrate().await.unwrap();
    assert_eq!(new_ones(&folder), BTreeSet::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_looks_like_a_leftover_stays() {
    let (folder, path) = place();
    let store = open(&path).await.unwrap();
    let empty = beside(&path, ".new11");
    fs::copy(&path, &empty).unwrap();
    // All that it holds is in its log.
    fs::write(beside(&path, ".new11-wal"), "a log").unwrap();
    store.migrate().await.unwrap();
    store.finish().await.unwrap();
    drop(store);
    fs::copy(&path, beside(&path, ".new1")).unwrap();
    for suffix in [".new", ".new01", ".new1001", ".newest", ".new2.gz", "new3", ".new-1"] {
        File::create(beside(&path, suffix)).unwrap();
        private(&beside(&path, suffix));
    }
    fs::write(beside(&path, ".new4"), vec![b'x'; 4096]).unwrap();
    private(&beside(&path, ".new4"));
    fs::write(beside(&path, ".new5"), "readable by others, so not made by us").unwrap();
    File::create(beside(&path, ".new6")).unwrap();
    fs::set_permissions(beside(&path, ".new6"), fs::Permissions::from_mode(0o644)).unwrap();
    fs::create_dir(beside(&path, ".new7")).unwrap();
    std::os::unix::fs::symlink(&empty, beside(&path, ".new8")).unwrap();
    fs::write(folder.path().join("other.sqlite.new0"), "").unwrap();
    let before = new_ones(&folder);
    drop(open(&path).await.unwrap());
    assert_eq!(new_ones(&folder), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emptied_file_is_no_new_database_but_one_that_was_only_touched_is() {
    let (_folder, path) = place();
    File::create(&path).unwrap();
    let store = open(&path).await.unwrap();
    store.migrate().await.unwrap();
    add(&store, "a").await.unwrap();
    drop(store);
    assert_eq!(&fs::read(&path).unwrap()[68..72], b"LKEY");

    let made = fs::metadata(&path).unwrap().created().unwrap();
    let file = File::options().write(true).open(&path).unwrap();
    file.set_len(0).unwrap();
    file.set_modified(made + Duration::from_secs(5)).unwrap();
    for _ in 0..2 {
        let said = refusal(&path).await;
        assert!(said.contains("is empty") && said.contains("restore a backup"), "{said}");
    }
    // As a backup tool restores it: older than the file itself.
    file.set_modified(made - Duration::from_secs(5)).unwrap();
    assert!(refusal(&path).await.contains("is empty"));

    // New, but something lies beside it.
    fs::remove_file(&path).unwrap();
    File::create(&path).unwrap();
    fs::write(beside(&path, "-wal"), "log").unwrap();
    assert!(refusal(&path).await.contains("is empty"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_ours_is_refused_and_not_touched() {
    let (folder, path) = place();
    let foreign = [
        ("CREATE TABLE moz_places (id INTEGER)", "of another program (application id 0, 1 tables)"),
        ("PRAGMA application_id = 252006674", "of another program (application id 252006674"),
        ("CREATE TABLE __diesel_schema_migrations (version TEXT)", "of another program"),
    ];
    for (number, (sql, wanted)) in foreign.into_iter().enumerate() {
        let path = folder.path().join(number.to_string());
        outside(&path).batch_execute(sql).unwrap();
        let before = fs::read(&path).unwrap();
        let said = refusal(&path).await;
        assert!(said.contains(wanted), "{said}");
        assert_eq!(fs::read(&path).unwrap(), before);
    }
    fs::write(&path, "a text that is no database, and long enough to be read as one if it were").unwrap();
    assert!(refusal(&path).await.contains("not a SQLite database"));
    assert!(refusal(folder.path()).await.contains("is a folder"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_before_there_was_an_id_is_ours() {
    let (_folder, path) = place();
    open(&path).await.unwrap().migrate().await.unwrap();
    outside(&path).batch_execute("PRAGMA application_id = 0").unwrap();
    open(&path).await.unwrap().ping().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_not_make_a_database_says_how_to_get_one() {
    let (_folder, path) = place();
    let refused = Store::connect(StoreSettings { may_create: false, ..settings(&path) }).await;
    let said = refused.unwrap_err().to_string();
    assert!(said.contains("no database at") && said.contains("`latchkey migrate` makes one"), "{said}");
    assert!(!path.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_log_is_noticed_and_what_was_committed_is_saved() {
    for (removed, noticed_by_job) in [(&["-wal", "-shm"][..], false), (&["-wal"], true), (&["-shm"], true)] {
        let (_folder, path) = place();
        let store = open(&path).await.unwrap();
        store.migrate().await.unwrap();
        add(&store, "a").await.unwrap();
        for suffix in removed {
            fs::remove_file(beside(&path, suffix)).unwrap();
        }
        let noticed = match noticed_by_job {
            true => store.tend().await,
            false => add(&store, "b").await,
        };
        let said = noticed.unwrap_err().to_string();
        assert!(said.contains("restart the server"), "{said}");
        assert!(store.ping().await.is_err(), "nor is anything read that could be of two states");
        assert!(add(&store, "c").await.is_err());
        // The job goes on saving while it is lost.
        assert!(store.tend().await.is_err());

        // As a server finds it that starts after this one was killed: the copy is all that is left of it.
        let copy = path.with_extension("copy");
        fs::copy(&path, &copy).unwrap();
        let found = open(&copy).await.unwrap();
        let ids: Vec<String> = found
            .read("test", async |conn: &mut Conn| {
                Ok(revoked_tokens::table.select(revoked_tokens::id).load(conn).await?)
            })
            .await
            .unwrap();
        assert_eq!(ids, ["a"], "{removed:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_another_process_has_begun_is_not_mixed_with_ours() {
    let (_folder, path) = place();
    let store = open(&path).await.unwrap();
    store.migrate().await.unwrap();
    drop(store);
    let store = open(&path).await.unwrap();
    add(&store, "a").await.unwrap();
    let before = fs::read(&path).unwrap();
    fs::remove_file(beside(&path, "-wal")).unwrap();
    fs::write(beside(&path, "-wal"), "of another process").unwrap();
    assert!(add(&store, "b").await.is_err());
    assert!(store.tend().await.is_err());
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_into_a_log_that_was_removed_meanwhile_is_nobodys_success() {
    let (_folder, path) = place();
    let store = open(&path).await.unwrap();
    store.migrate().await.unwrap();
    let outcome = store
        .transaction("test", async |tx: &mut Conn| {
            tx.batch_execute("INSERT INTO revoked_tokens (id, revoked_at, expires_at) VALUES ('a', '2026', '2026')")
                .await?;
            fs::remove_file(beside(&path, "-wal")).unwrap();
            Ok(())
        })
        .await;
    assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{outcome:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_emptied_in_use_is_noticed() {
    let (_folder, path) = place();
    let store = open(&path).await.unwrap();
    store.migrate().await.unwrap();
    File::options().write(true).open(&path).unwrap().set_len(0).unwrap();
    assert!(add(&store, "a").await.unwrap_err().to_string().contains("was emptied while in use"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_grew_while_somebody_kept_an_old_state_shrinks_back() {
    let (_folder, path) = place();
    let store = open(&path).await.unwrap();
    store.migrate().await.unwrap();
    let log = || fs::metadata(beside(&path, "-wal")).unwrap().len();
    let mut reader = outside(&path);
    reader.batch_execute("BEGIN; SELECT count(*) FROM revoked_tokens").unwrap();
    let large = "x".repeat(1 << 20);
    for number in 0..34 {
        add(&store, &format!("{number}{large}")).await.unwrap();
    }
    let grown = log();
    assert!(grown > 33 << 20, "{grown}");
    store.tend().await.unwrap();
    assert_eq!(log(), grown, "it is still needed");

    reader.batch_execute("COMMIT").unwrap();
    // No commit has to copy all of it: that would hold up everybody.
    let database = fs::metadata(&path).unwrap().len();
    add(&store, "after").await.unwrap();
    assert_eq!(fs::metadata(&path).unwrap().len(), database);
    store.tend().await.unwrap();
    assert_eq!(log(), 0);
    // And it is as before: the writer keeps it short again.
    for number in 0..40 {
        add(&store, &format!("again {number}{large}")).await.unwrap();
    }
    assert!(log() < 32 << 20, "{}", log());
}

static NOTICES: AtomicU32 = AtomicU32::new(0);

#[tokio::test(flavor = "multi_thread")]
async fn whoever_waits_for_another_writer_says_so_and_gives_up_with_what_to_do() {
    let (_folder, path) = place();
    open(&path).await.unwrap().migrate().await.unwrap();
    let patience = Patience {
        notice_after: Duration::from_millis(50),
        give_up_after: Duration::from_millis(250),
        say: |said| {
            assert!(said.contains("another process is writing to"));
            NOTICES.fetch_add(1, Ordering::Relaxed);
        },
    };
    let store = Store::connect(StoreSettings { patience: Some(patience), ..settings(&path) }).await.unwrap();
    add(&store, "free").await.unwrap();
    assert_eq!(AtomicU32::load(&NOTICES, Ordering::Relaxed), 0);

    let mut other = outside(&path);
    other.batch_execute("BEGIN IMMEDIATE").unwrap();
    store.ping().await.unwrap();
    let refused = add(&store, "held").await.unwrap_err();
    assert!(
        matches!(&refused, StoreError::Unusable(said) if said.contains("end it, then run this again")),
        "{refused}"
    );
    assert_eq!(AtomicU32::load(&NOTICES, Ordering::Relaxed), 1);
    other.batch_execute("ROLLBACK").unwrap();
    add(&store, "free again").await.unwrap();
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn the_files_are_ours_alone_even_in_a_folder_that_did_not_exist() {
    use std::os::unix::fs::PermissionsExt;
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("data/latchkey.sqlite");
    let store = open(&path).await.unwrap();
    store.migrate().await.unwrap();
    let files: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().map(Result::unwrap).collect();
    // The database, its log and the log's index.
    assert_eq!(files.len(), 3);
    for file in files {
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", file.path());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_nobody_uses_are_closed_and_opened_again_when_somebody_does() {
    let (_folder, path) = place();
    let store = open(&path).await.unwrap();
    store.migrate().await.unwrap();
    add(&store, "before").await.unwrap();
    let rows = async |conn: &mut Conn| Ok(revoked_tokens::table.count().get_result::<i64>(conn).await?);
    assert_eq!(store.read("test", rows).await, Ok(1));
    assert_eq!(store.close_unused(Duration::from_secs(3600)).await, Ok(0), "used a moment ago");

    let closed = store.read("test", async |_: &mut Conn| store.close_unused(Duration::ZERO).await).await;
    assert_eq!(closed, Ok(1), "the writer; not the one that reads meanwhile");
    assert_eq!(store.close_unused(Duration::ZERO).await, Ok(1));
    add(&store, "after").await.unwrap();
    assert_eq!(store.read("test", rows).await, Ok(2));
}
