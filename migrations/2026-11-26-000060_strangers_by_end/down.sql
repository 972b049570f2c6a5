CREATE INDEX login_throttles_user ON login_throttles (user_id);
DROP INDEX login_throttles_owner;
