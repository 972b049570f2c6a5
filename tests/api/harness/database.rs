//! A database of its own for each test: a SQLite file, or with `TEST_DATABASE=postgres` a schema in the server of
//! `TEST_DATABASE_URL`.

use std::env;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::TempDir;
use tokio_postgres::NoTls;

const DEFAULT_SERVER: &str = "postgres://postgres@127.0.0.1:5432/test";

/// An empty database, which is gone when this is dropped.
pub struct TestDatabase {
    /// What `DatabaseUrl` reads.
    pub url: String,
    place: Place,
}

enum Place {
    /// Removes itself when it is dropped.
    Folder {
        _folder: TempDir,
    },
    Schema {
        server: String,
        name: String,
    },
}

/// An empty database of the kind that `TEST_DATABASE` asks for.
pub async fn fresh() -> TestDatabase {
    match env::var("TEST_DATABASE").as_deref() {
        Ok("postgres") => schema().await,
        Ok("sqlite") | Err(_) => folder(),
        Ok(other) => panic!("TEST_DATABASE is sqlite or postgres, not {other}"),
    }
}

fn folder() -> TestDatabase {
    // In memory where that can be had: what these tests write need not survive a power failure.
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() };
    let folder = folder.expect("a temporary folder");
    let url = format!("sqlite:{}", folder.path().join("latchkey.sqlite").display());
    TestDatabase { url, place: Place::Folder { _folder: folder } }
}

async fn schema() -> TestDatabase {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let server = env::var("TEST_DATABASE_URL").unwrap_or_else(|_| DEFAULT_SERVER.to_owned());
    let name = format!("test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    // A run that was killed may have left one of this name.
    execute(&server, &format!("DROP SCHEMA IF EXISTS {name} CASCADE; CREATE SCHEMA {name}")).await;
    let separator = if server.contains('?') { '&' } else { '?' };
    // By its name a test finds its own connections among those of others.
    // What is thrown away need not wait for the disk.
    let options = format!("-csearch_path%3D{name}%20-csynchronous_commit%3Doff");
    let url = format!("{server}{separator}options={options}&application_name={name}");
    TestDatabase { url, place: Place::Schema { server, name } }
}

/// Runs `sql` on the PostgreSQL server at `url`.
pub async fn execute(url: &str, sql: &str) {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("PostgreSQL answers");
    let connection = tokio::spawn(connection);
    client.batch_execute(sql).await.expect("the statements run");
    drop(client);
    connection.await.expect("no panic").expect("an orderly end");
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let Place::Schema { server, name } = &self.place else { return };
        let (server, sql) = (server.clone(), format!("SET lock_timeout = '2s'; DROP SCHEMA {name} CASCADE"));
        // Dropping is not async, and the test's own runtime may be ending.
        let cleaner = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(execute(&server, &sql));
        });
        // A schema that stays behind (a connection that still holds a lock) is no reason to fail the test.
        drop(cleaner.join());
    }
}
