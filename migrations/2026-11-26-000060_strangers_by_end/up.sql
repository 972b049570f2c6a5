-- The names that nobody has, by their end: each step of deleting those that are too many sorted all of them before.
CREATE INDEX login_throttles_owner ON login_throttles (user_id, expires_at);
DROP INDEX login_throttles_user;
