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

/// How many transactions have been committed; `None` on PostgreSQL, which counts them for all tests together. SQLite's
/// log has a frame for each page, and the last of a commit names the size of the database (sqlite.org/fileformat2.html).
pub fn commits(url: &str) -> Option<usize> {
    let log = std::fs::read(format!("{}-wal", url.strip_prefix("sqlite:")?)).expect("the log");
    let (header, frames) = log.split_at_checked(32).expect("a header");
    let page = u32::from_be_bytes(header[8..12].try_into().expect("four bytes")) as usize;
    let current = frames.chunks_exact(24 + page).take_while(|frame| frame[8..16] == header[16..24]);
    Some(current.filter(|frame| frame[4..8] != [0; 4]).count())
}

/// A table and its rows.
#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = BigInt)]
    number: i64,
}
