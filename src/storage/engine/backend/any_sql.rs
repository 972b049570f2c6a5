//! The name of the SQL that both databases share: what it is made of is said where each part is.

/// The SQL that SQLite and PostgreSQL share.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct AnySql;
