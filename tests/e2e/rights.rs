//! Who may change tables: `migrate` and a server that starts, and nobody who need not (docs/operations.md).

use latchkey::foundation::Random;
use serde_json::json;

use crate::LATCHKEY;
use crate::support::database::{self, Database};
use crate::support::{Installation, installation::NewClient};

const PASSWORD: &str = "correct horse battery staple\n";

#[tokio::test(flavor = "multi_thread")]
async fn commands_and_no_migrate_refuse_a_database_without_tables_and_leave_it_alone() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::from_environment(folder.path()).await;
    let server = Installation::prepare(LATCHKEY, folder, database);
    for command in [&["keys", "list"][..], &["clients", "list"], &["users", "create", "--username", "a"]] {
        let said = server.refused(command, PASSWORD);
        assert!(nothing_there(&said) && said.lines().count() == 1, "{said}");
    }
    let said = server.refused(&["serve", "--no-migrate"], "");
    assert!(nothing_there(&said), "{said}");
    if let Some(path) = server.database.url.strip_prefix("sqlite:") {
        assert!(!std::path::Path::new(path).exists());
    }

    let applied = server.run(&["migrate"], "");
    assert!(!applied["applied"].as_array().unwrap().is_empty(), "{applied}");
    assert_eq!(server.run(&["migrate"], ""), json!({"applied": []}));
    assert_eq!(server.run(&["keys", "list"], ""), json!({"keys": []}), "a command makes no keys");
    // Nor does it need any.
    server.run(&["users", "create", "--username", "a"], PASSWORD);
}

fn nothing_there(said: &str) -> bool {
    (said.contains("no tables yet") || said.contains("there is no database at")) && said.contains("`latchkey migrate`")
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_that_are_older_are_named_with_the_command_and_newer_ones_are_used() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::from_environment(folder.path()).await;
    let mut server = Installation::prepare(LATCHKEY, folder, database);
    server.run(&["migrate"], "");

    sql(&server, "INSERT INTO __diesel_schema_migrations (version) VALUES ('29991231000001')").await;
    let listed = server.output(&["keys", "list"], "");
    let said = String::from_utf8(listed.stderr).unwrap();
    assert!(listed.status.success() && said.contains("by a newer version of Latchkey (29991231000001)"), "{said}");
    server.restart().await;
    assert!(server.log_tail().contains("by a newer version of Latchkey (29991231000001)"), "{}", server.log_tail());
    server.kill();

    // As if this program had one more migration than the one that made the tables.
    sql(&server, "DELETE FROM __diesel_schema_migrations WHERE version = '20261121000001'").await;
    for command in [&["keys", "list"][..], &["serve", "--no-migrate"]] {
        let said = server.refused(command, "");
        assert!(said.contains("missing: 2026-11-21-000001_initial"), "{said}");
        assert!(said.contains("run `latchkey migrate` with a role that may change them"), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_may_only_touch_rows_serves_and_runs_every_command() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::from_environment(folder.path()).await;
    if !database.url.starts_with("postgres") {
        return;
    }
    let mut server = Installation::prepare(LATCHKEY, folder, database);
    let role = Role::create(&server.database).await;
    server.environment = vec![("LATCHKEY_DATABASE__URL".to_owned(), role.url.clone())];
    let said = server.refused(&["migrate"], "");
    assert!(said.contains("permission denied") && said.contains("`latchkey migrate` once with one that may"), "{said}");

    let as_role = std::mem::take(&mut server.environment);
    server.run(&["migrate"], "");
    role.grant(&server.database).await;
    server.environment = as_role;

    for arguments in [&["--no-migrate"][..], &[]] {
        server.arguments = arguments.iter().map(ToString::to_string).collect();
        server.restart().await;
    }
    server.run(&["migrate"], "");
    server.run(&["users", "create", "--username", "alice"], PASSWORD);
    server.run(&["admin", "create", "--email", "root@example.com"], PASSWORD);
    let client = server.create_client(&NewClient {
        name: "App",
        redirect_uris: &["https://app.example/callback"],
        post_logout_redirect_uris: &[],
        grants: &["authorization_code"],
        auth: "client_secret_basic",
        scope: "openid",
        id_token_alg: None,
        first_party: true,
    });
    server.run(&["clients", "list"], "");
    server.run(&["clients", "rotate-secret", &client.id], "");
    server.run(&["clients", "show", &client.id], "");
    server.run(&["clients", "update", &client.id, "--name", "Another"], "");
    server.run(&["clients", "disable", &client.id], "");
    server.run(&["clients", "enable", &client.id], "");
    server.run(&["clients", "delete", &client.id, "--yes"], "");
    server.run(&["keys", "list"], "");
    assert_eq!(server.run(&["keys", "rotate"], "")["keys"].as_array().unwrap().len(), 12);
    server.run(&["config", "check"], "");
    server.run(&["config", "print"], "");
    server.kill();
    role.drop(&server.database).await;
}

/// A role with what docs/operations.md grants to a server that does not migrate.
struct Role {
    name: String,
    url: String,
}

impl Role {
    async fn create(database: &Database) -> Self {
        let (name, password) = (format!("latchkey_e2e_{}", Random::System.readable(12)), Random::System.readable(24));
        database::execute(&database.url, &format!("CREATE ROLE {name} LOGIN PASSWORD '{password}'")).await;
        let mut url = url::Url::parse(&database.url).unwrap();
        url.set_username(&name).unwrap();
        url.set_password(Some(&password)).unwrap();
        Self { name, url: url.into() }
    }

    async fn grant(&self, database: &Database) {
        let document = include_str!("../../docs/operations.md");
        let granted: Vec<_> = document
            .lines()
            .map(str::trim)
            .filter(|line| line.starts_with("GRANT ") || line.starts_with("ALTER DEFAULT "))
            .collect();
        assert!(granted.len() >= 3, "docs/operations.md says what to grant");
        for statement in granted {
            database::execute(&database.url, &statement.replace("latchkey_server", &self.name)).await;
        }
    }

    async fn drop(self, database: &Database) {
        let name = self.name;
        database::execute(&database.url, &format!("DROP OWNED BY {name}; DROP ROLE {name}")).await;
    }
}

async fn sql(server: &Installation, statement: &str) {
    match server.database.url.strip_prefix("sqlite:") {
        None => database::execute(&server.database.url, statement).await,
        Some(path) => {
            use diesel::connection::SimpleConnection;
            let mut conn = <diesel::SqliteConnection as diesel::Connection>::establish(path).unwrap();
            conn.batch_execute(statement).unwrap();
        }
    }
}
