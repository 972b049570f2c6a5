-- The session that a browser is signed in with, so that one query finds both. Rows of the version before have it in
-- their data only.
ALTER TABLE browser_sessions ADD COLUMN session_id UUID;
