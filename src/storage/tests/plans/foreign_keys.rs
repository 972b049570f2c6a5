//! What points to rows of another table has an index.

use diesel_async::{RunQueryDsl, SimpleAsyncConnection};

use super::super::{is_postgres, store};
use super::Line;
use crate::storage::{Conn, StoreError};

/// A deletion that cascades has no plan that tells of it: SQLite and PostgreSQL look for the rows that point to a deleted
/// one, and without an index they read the whole table for each.
#[tokio::test]
async fn every_foreign_key_has_an_index() {
    const BARE: &str = "SELECT t.name || '.' || f.\"from\" AS detail \
                        FROM sqlite_master t, pragma_foreign_key_list(t.name) f WHERE t.type = 'table' AND NOT EXISTS \
                        (SELECT 1 FROM pragma_index_list(t.name) i, pragma_index_info(i.name) c \
                         WHERE c.seqno = 0 AND c.name = f.\"from\") ORDER BY 1";
    let (store, database) = store().await;
    if is_postgres(&database) {
        return;
    }
    let bare = async |tx: &mut Conn| -> Result<Vec<String>, StoreError> {
        let lines: Vec<Line> = diesel::sql_query(BARE).load(tx).await?;
        Ok(lines.into_iter().map(|line| line.detail).collect())
    };
    store
        .transaction("test", async |tx: &mut Conn| {
            assert_eq!(bare(tx).await?, Vec::<String>::new());
            tx.batch_execute("DROP INDEX grants_user; DROP INDEX refresh_tokens_family").await?;
            assert_eq!(bare(tx).await?, ["grants.user_id", "refresh_tokens.grant_id"], "or nothing would be found");
            Ok(())
        })
        .await
        .unwrap();
}
