-- Wrong passwords in a row, of each account that was tried and of each browser that had signed in to it before. Unlike
-- counters this is never lost: only a right password, an administrator or `expires_at` ends a row.
CREATE TABLE login_throttles (
    id TEXT PRIMARY KEY NOT NULL,            -- keyed hash of the account, of the name that was typed, or of the browser
    user_id UUID REFERENCES users (id) ON DELETE CASCADE, -- NULL: nobody has that name
    failures BIGINT NOT NULL,
    failed_at TIMESTAMPTZ NOT NULL,          -- when the last of them was counted
    expires_at TIMESTAMPTZ                   -- NULL: an account's own, which does not expire
);
CREATE INDEX login_throttles_user ON login_throttles (user_id);
CREATE INDEX login_throttles_expiry ON login_throttles (expires_at);
