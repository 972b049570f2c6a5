//! The time that this database was last used at, and what its server's own clock says.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Timestamptz;
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;

use crate::foundation::Timestamp;
use crate::storage::engine::schema::clock_marks::{at, id, table};
use crate::storage::{Conn, StoreError};

const BELIEVED: &str = "believed";

/// The time that the servers of this database believed last.
pub async fn believed(conn: &mut Conn) -> Result<Option<Timestamp>, StoreError> {
    Ok(table.find(BELIEVED).select(at).first(conn).await.optional()?)
}

/// Notes what is believed now.
pub async fn believe(conn: &mut Conn, now: Timestamp) -> Result<(), StoreError> {
    let mark = diesel::insert_into(table).values((id.eq(BELIEVED), at.eq(now)));
    mark.on_conflict(id).do_update().set(at.eq(excluded(at))).execute(conn).await?;
    Ok(())
}

/// What time it is on the database's own server; `None` for SQLite, which has no clock but ours.
pub async fn of_server(conn: &mut Conn) -> Result<Option<Timestamp>, StoreError> {
    if !conn.is_postgres() {
        return Ok(None);
    }
    Ok(Some(diesel::select(sql::<Timestamptz>("clock_timestamp()")).get_result(conn).await?))
}
