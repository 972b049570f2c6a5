//! `schema.rs` says of each table what the migrations have made of it.

use std::collections::BTreeSet;

use diesel::QueryableByName;
use diesel::sql_types::Text;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};

use super::super::{Conn, StoreError};
use super::store;

const SCHEMA: &str = include_str!("../engine/schema.rs");

/// Columns that nothing reads or writes any more: a later release drops them.
const RETIRED: [&str; 1] = ["authorization_requests.session_id uuid null"];

/// What diesel calls a type, SQLite (as the migrations write it) and PostgreSQL.
const TYPES: [[&str; 3]; 6] = [
    ["Uuid", "uuid", "uuid"],
    ["Text", "text", "text"],
    ["Bool", "boolean", "bool"],
    ["Timestamptz", "timestamptz", "timestamptz"],
    ["Binary", "bytea", "bytea"],
    ["BigInt", "bigint", "int8"],
];

/// Each column of each table of ours: `table.column type`, whether it may be NULL, and its place in the primary key.
const OF_SQLITE: &str = r#"
    SELECT t.name || '.' || c.name || ' ' || lower(c.type) || CASE c."notnull" WHEN 0 THEN ' null' ELSE '' END
        || CASE c.pk WHEN 0 THEN '' ELSE ' key ' || c.pk END AS detail
    FROM sqlite_master t, pragma_table_info(t.name) c
    WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite\_%' ESCAPE '\' AND t.name <> '__diesel_schema_migrations'"#;

/// The same. Not from the information schema, which takes seconds where there are many schemas.
const OF_POSTGRES: &str = "
    SELECT r.relname::text || '.' || a.attname::text || ' ' || t.typname::text
        || CASE WHEN a.attnotnull THEN '' ELSE ' null' END
        || coalesce(' key ' || array_position(p.conkey, a.attnum)::text, '') AS detail
    FROM pg_class r
    JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_constraint p ON p.conrelid = r.oid AND p.contype = 'p'
    WHERE r.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
        AND r.relkind = 'r' AND r.relname <> '__diesel_schema_migrations'";

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    detail: String,
}

#[tokio::test]
async fn the_schema_is_what_the_migrations_make() {
    let (store, _database) = store().await;
    store
        .transaction("test", async |tx: &mut Conn| {
            let made = made(tx).await?;
            assert!(made.len() > 100, "only {made:?} were found: the search is broken");
            assert_eq!(differences(&said(SCHEMA, tx.is_postgres()), &made), [""; 0]);
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn whatever_differs_is_found_on_either_side() {
    let (store, _database) = store().await;
    store
        .transaction("test", async |tx: &mut Conn| {
            let is_postgres = tx.is_postgres();
            tx.batch_execute(
                "ALTER TABLE users ADD COLUMN nickname TEXT; CREATE TABLE pets (id UUID PRIMARY KEY NOT NULL)",
            )
            .await?;
            let found = differences(&said(SCHEMA, is_postgres), &made(tx).await?);
            let wanted = ["not in schema.rs: pets.id uuid key 1", "not in schema.rs: users.nickname text null"];
            assert_eq!(found, wanted);

            let said_otherwise = [
                ("        email_verified -> Bool,\n", "        email_verified -> Nullable<Bool>,\n"),
                ("        group_names -> Text,\n", "        group_names -> Binary,\n        pet -> Uuid,\n"),
                ("    consents (user_id, client_id) {", "    consents (client_id, user_id) {"),
            ];
            let mut schema = SCHEMA.to_owned();
            for (from, to) in said_otherwise {
                assert_eq!(schema.matches(from).count(), 1, "{from}");
                schema = schema.replace(from, to);
            }
            tx.batch_execute("ALTER TABLE users DROP COLUMN nickname; DROP TABLE pets").await?;
            let bool = if is_postgres { "bool" } else { "boolean" };
            let wanted = [
                "not in schema.rs: consents.client_id text key 2".to_owned(),
                "not in schema.rs: consents.user_id uuid key 1".to_owned(),
                format!("not in schema.rs: users.email_verified {bool}"),
                "not in schema.rs: users.group_names text".to_owned(),
                "not in the database: consents.client_id text key 1".to_owned(),
                "not in the database: consents.user_id uuid key 2".to_owned(),
                format!("not in the database: users.email_verified {bool} null"),
                "not in the database: users.group_names bytea".to_owned(),
                "not in the database: users.pet uuid".to_owned(),
            ];
            assert_eq!(differences(&said(&schema, is_postgres), &made(tx).await?), wanted);
            Ok(())
        })
        .await
        .unwrap();
}

/// What the database has.
async fn made(conn: &mut Conn) -> Result<BTreeSet<String>, StoreError> {
    let query = if conn.is_postgres() { OF_POSTGRES } else { OF_SQLITE };
    let lines: Vec<Line> = diesel::sql_query(query).load(conn).await?;
    Ok(lines.into_iter().map(|line| line.detail).collect())
}

/// What the `diesel::table!` of `schema` say, in the same words, and what is retired.
fn said(schema: &str, is_postgres: bool) -> BTreeSet<String> {
    let mut said: BTreeSet<_> = RETIRED.map(str::to_owned).into();
    for table in schema.split("diesel::table! {\n").skip(1) {
        // A short one may stand in a line.
        let (head, rest) = table.split_once(") {").unwrap();
        let (name, key) = head.trim().split_once(" (").unwrap();
        let key: Vec<_> = key.split(", ").collect();
        let columns = rest.split('}').next().unwrap_or_default().split(',').map(str::trim);
        for column in columns.filter(|column| !column.is_empty()) {
            let (column, kind) = column.split_once(" -> ").unwrap();
            let nullable = kind.strip_prefix("Nullable<").and_then(|kind| kind.strip_suffix('>'));
            let [_, of_sqlite, of_postgres] =
                TYPES.into_iter().find(|[of_diesel, ..]| *of_diesel == nullable.unwrap_or(kind)).unwrap();
            let kind = if is_postgres { of_postgres } else { of_sqlite };
            let null = if nullable.is_some() { " null" } else { "" };
            let place = key.iter().position(|name| *name == column);
            let place = place.map_or_else(String::new, |place| format!(" key {}", place + 1));
            said.insert(format!("{name}.{column} {kind}{null}{place}"));
        }
    }
    said
}

fn differences(said: &BTreeSet<String>, made: &BTreeSet<String>) -> Vec<String> {
    let unsaid = made.difference(said).map(|line| format!("not in schema.rs: {line}"));
    let unmade = said.difference(made).map(|line| format!("not in the database: {line}"));
    unsaid.chain(unmade).collect()
}
