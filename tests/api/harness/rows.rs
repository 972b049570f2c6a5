//! What a database holds, counted beside the server.

use std::collections::BTreeMap;

use diesel::connection::SimpleConnection;
use diesel::sql_types::{BigInt, Text};
use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};
use tokio_postgres::NoTls;

/// How many rows each table has, but for those that migrations keep.
pub async fn count(url: &str) -> BTreeMap<String, i64> {
    const UNION: &str = " UNION ALL ";
    let counting = |table: &String| format!("SELECT '{table}' AS name, COUNT(*) AS number FROM {table}");
    if let Some(path) = url.strip_prefix("sqlite:") {
        let mut conn = SqliteConnection::establish(path).expect("the database opens");
        conn.batch_execute("PRAGMA busy_timeout = 5000").expect("a busy timeout");
        let names =
            "SELECT name, 0 AS number FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_\\_%' ESCAPE '\\'";
        let names: Vec<Counted> = sql_query(names).load(&mut conn).expect("the tables");
        let counts: Vec<_> = names.iter().map(|table| counting(&table.name)).collect();
        let counted: Vec<Counted> = sql_query(counts.join(UNION)).load(&mut conn).expect("the counts");
        return counted.into_iter().map(|table| (table.name, table.number)).collect();
    }
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("PostgreSQL answers");
    let connection = tokio::spawn(connection);
    let names = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tablename NOT LIKE '\\_\\_%'";
    let names = client.query(names, &[]).await.expect("the tables");
    let counts: Vec<_> = names.iter().map(|row| counting(&row.get(0))).collect();
    let counted = client.query(&counts.join(UNION), &[]).await.expect("the counts");
    drop(client);
    connection.await.expect("no panic").expect("an orderly end");
    counted.iter().map(|row| (row.get(0), row.get(1))).collect()
}

/// A table and its rows.
#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = BigInt)]
    number: i64,
}
