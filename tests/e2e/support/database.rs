//! An empty database of its own for each installation, on either engine.

use std::path::Path;
use std::thread;

use latchkey::foundation::Random;
use tokio_postgres::NoTls;

/// An empty database. One on a PostgreSQL server is dropped with this value; a SQLite file goes with its folder.
pub struct Database {
    /// For `database.url`.
    pub url: String,
    created: Option<Created>,
}

struct Created {
    server: String,
    name: String,
}

impl Database {
    /// What the environment asks for: `TEST_DATABASE=postgres` with `TEST_DATABASE_URL`, else SQLite in `folder`.
    pub async fn from_environment(folder: &Path) -> Self {
        match std::env::var("TEST_DATABASE").as_deref() {
            Ok("postgres") => {
                let server =
                    std::env::var("TEST_DATABASE_URL").expect("TEST_DATABASE=postgres needs TEST_DATABASE_URL");
                Self::on_server(&server).await
            }
            _ => Self::in_folder(folder),
        }
    }

    /// A SQLite file.
    pub fn in_folder(folder: &Path) -> Self {
        Self { url: format!("sqlite:{}", folder.join("latchkey.sqlite").display()), created: None }
    }

    /// One that somebody else has made, and removes.
    pub fn that_is_there(url: &str) -> Self {
        Self { url: url.to_owned(), created: None }
    }

    /// A new database on the PostgreSQL server at `server`, whose role must be allowed to create one.
    pub async fn on_server(server: &str) -> Self {
        let name = format!("latchkey_e2e_{}", Random::System.readable(12));
        execute(server, &format!("CREATE DATABASE {name}")).await;
        let mut url = url::Url::parse(server).expect("the PostgreSQL server's URL is valid");
        url.set_path(&name);
        Self { url: url.into(), created: Some(Created { server: server.to_owned(), name }) }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let Some(Created { server, name }) = self.created.take() else { return };
        // A drop cannot await, and may run on a thread that belongs to a runtime.
        let dropped = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.map(|runtime| runtime.block_on(execute(&server, &format!("DROP DATABASE {name} WITH (FORCE)"))))
        });
        if !matches!(dropped.join(), Ok(Ok(()))) {
            eprintln!("a test's database could not be dropped");
        }
    }
}

/// Runs SQL on the PostgreSQL server at `server`.
pub async fn execute(server: &str, statement: &str) {
    let (client, connection) = tokio_postgres::connect(server, NoTls).await.expect("the PostgreSQL server answers");
    let connection = tokio::spawn(connection);
    client.batch_execute(statement).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
    drop(client);
    connection.await.expect("the connection ends").expect("the connection ends well");
}
