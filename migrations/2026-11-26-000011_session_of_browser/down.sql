ALTER TABLE browser_sessions DROP COLUMN session_id;
