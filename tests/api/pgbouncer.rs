//! PostgreSQL behind PgBouncer in transaction mode: each transaction may have another session, so that nothing of ours
//! can stay in one. Runs where PgBouncer is installed (Debian's package), and has to in CI.

use std::os::unix::fs::MetadataExt;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use std::{env, fs};

use futures_util::future::join_all;
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};

use crate::harness::{TestApp, operator};

/// A PgBouncer of our own, in transaction mode with two sessions; it ends when this is dropped.
struct PgBouncer {
    url: String,
    process: Child,
    _folder: TempDir,
}

impl PgBouncer {
    /// One before the database of `url`; `None` without a program, or with another database.
    async fn before(url: &str) -> Option<Self> {
        if url.starts_with("sqlite:") {
            return None;
        }
        let places = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer", "/usr/local/bin/pgbouncer"];
        let Some(program) = places.into_iter().find(|place| fs::exists(place).unwrap_or(false)) else {
            assert_ne!(env::var("CI").as_deref(), Ok("true"), "PgBouncer is not installed");
            return None;
        };
        let folder = TempDir::new().expect("a temporary folder");
        let config: tokio_postgres::Config = url.parse().expect("a URL");
        let port =
            TcpListener::bind("127.0.0.1:0").await.expect("a free port").local_addr().expect("its address").port();
        let file = folder.path().join("pgbouncer.ini");
        fs::write(&file, settings(&config, port)).expect("a file");
        let process = Command::new(program).arg("-q").arg(&file).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let bouncer = Self {
            url: format!("postgres://{}@127.0.0.1:{port}/latchkey", config.get_user().expect("a role")),
            process: process.expect("PgBouncer starts"),
            _folder: folder,
        };
        let listens = async {
            while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), listens).await.expect("PgBouncer listens");
        Some(bouncer)
    }
}

fn settings(config: &tokio_postgres::Config, port: u16) -> String {
    let server = config.get_ports().first().copied().unwrap_or(5432);
    let (user, database) = (config.get_user().expect("a role"), config.get_dbname().expect("a database"));
    let password = config.get_password().map(|text| format!(" password={}", String::from_utf8_lossy(text)));
    let schema = config.get_application_name().expect("the schema's name");
    // It refuses to be root, and changes to somebody else itself.
    let root = fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0);
    let somebody = fs::read_to_string("/etc/passwd").unwrap_or_default().contains("\npostgres:");
    let become_one = if !root {
        ""
    } else if somebody {
        "user = postgres"
    } else {
        "user = nobody"
    };
    format!(
        "[databases]\n\
         latchkey = host=127.0.0.1 port={server} dbname={database} user={user}{} \
         connect_query='SET search_path TO {schema}'\n\
         [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n\
         pool_mode = transaction\ndefault_pool_size = 2\n{become_one}\n",
        password.unwrap_or_default()
    )
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        let _gone = self.process.kill();
        let _gone = self.process.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_works_through_pgbouncer_in_transaction_mode() {
    let app = TestApp::start().await;
    let Some(bouncer) = PgBouncer::before(&app.database.url).await else { return };
    let far = app.another_by(&bouncer.url).await;
    let client = app.client().confidential().create().await.at(&far);
    // More at once than there are sessions.
    let sign_ins = (0..8).map(|number| {
        let client = client.clone();
        tokio::spawn(async move {
            let tokens = client.sign_in(if number % 2 == 0 { "alice" } else { "bob" }).await;
            let tokens = client.refresh(&tokens.refresh_token).await.ok();
            client.userinfo(&tokens.access_token).await.success();
            assert!(client.finds_active(&tokens.access_token).await);
            assert_eq!(client.revoke(&tokens.refresh_token).await.status, 200);
        })
    });
    join_all(sign_ins).await.into_iter().for_each(|done| done.expect("a whole sign-in"));
    far.get("/readyz").await.success();
    latchkey::services::operation::prune::all(&far.app, &operator()).await.expect("what is expired goes");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_abandoned_behind_pgbouncer_holds_up_nobody() {
    let app = TestApp::start().await;
    let Some(bouncer) = PgBouncer::before(&app.database.url).await else { return };
    let far = app.another_by(&bouncer.url).await;
    let client = app.client().confidential().create().await.at(&far);
    let mut token = client.sign_in("alice").await.refresh_token;
    for milliseconds in 0..12 {
        let abandoned = client.refresh(&token);
        let _cut = tokio::time::timeout(Duration::from_millis(milliseconds), abandoned).await;
        token = client.refresh(&token).await.ok().refresh_token;
    }
}
