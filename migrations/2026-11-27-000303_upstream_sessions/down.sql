DROP INDEX sessions_upstream;
ALTER TABLE sessions DROP COLUMN upstream_session;
