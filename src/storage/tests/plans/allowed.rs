//! What a plan may do all the same.

/// What may read many rows: the function, the line of the plan, and why that is no harm.
pub const ALLOWED: [(&str, &str, &str); 27] = [
    ("audit_event::seal", UNSEALED, "has only what waits for its number, of which it takes so many"),
    ("audit_event::seal", "SCAN waiting", "is that"),
    ("audit_event::seal", "SCAN (subquery-4)", "is that"),
    ("audit_event::seal", "MATERIALIZE numbered", "is that"),
    ("audit_event::seal", "SCAN numbered", "is that"),
    ("audit_event::waits", UNSEALED, "stops at the first row"),
    ("authorization_request::insert", REQUESTS, "stops at the number of rows that may be there"),
    ("client::list", "SCAN clients", "lists them all"),
    ("client_registration::insert", REGISTRATIONS, "stops at the number of rows that may be there"),
    ("client::list", SORT, "lists them all"),
    ("encryption_key::all", "SCAN encryption_keys", "lists them all; there are some five"),
    ("encryption_key::all", SORT, "lists them all; there are some five"),
    ("encryption_key::outline", "SCAN encryption_keys", "lists them all; there are some five"),
    ("encryption_key::outline", SORT, "lists them all; there are some five"),
    ("grant::clients_of_sessions", "USE TEMP B-TREE FOR DISTINCT", "sorts those of sessions that have just ended"),
    ("grant::live_of_user", SORT, "sorts those of one person"),
    ("job::dead", SORT, "sorts those that are dead, for an operator who asks"),
    ("job::leased", SORT, "sorts those that run, which are as many as there are places"),
    ("job::list", JOBS, "stops at the number that is listed"),
    ("migrate::schema", "SCAN sqlite_master", "has a row for each table and index"),
    ("migrate::schema", MIGRATIONS, "lists them all"),
    ("readiness::answers", CLIENTS, "stops at the first row"),
    ("session::live_of_user", SORT, "sorts those of one person"),
    ("signing_key::all", "SCAN signing_keys", "lists them all; there are some five"),
    ("signing_key::all", SORT, "lists them all; there are some five"),
    ("signing_key::outline", "SCAN signing_keys", "lists them all; there are some five"),
    ("signing_key::outline", SORT, "lists them all; there are some five"),
];
const UNSEALED: &str = "SCAN audit_events USING INDEX audit_events_unsealed";
const SORT: &str = "USE TEMP B-TREE FOR ORDER BY";
const REGISTRATIONS: &str = "SCAN client_registrations USING COVERING INDEX sqlite_autoindex_client_registrations_1";
const REQUESTS: &str = "SCAN authorization_requests USING COVERING INDEX sqlite_autoindex_authorization_requests_1";
const MIGRATIONS: &str =
    "SCAN __diesel_schema_migrations USING COVERING INDEX sqlite_autoindex___diesel_schema_migrations_1";
const JOBS: &str = "SCAN jobs USING INDEX sqlite_autoindex_jobs_1";
const CLIENTS: &str = "SCAN clients USING COVERING INDEX sqlite_autoindex_clients_1";

/// What sends nothing to SQLite.
pub const ONLY_ON_POSTGRES: [&str; 2] = ["clock_mark::of_server", "readiness::unsafe_settings"];
