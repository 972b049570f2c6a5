-- When an account is deleted that its person wants to be rid of; until then they can sign in and keep it. NULL: it stays.
ALTER TABLE users ADD COLUMN delete_at TIMESTAMPTZ;
CREATE INDEX users_delete_at ON users (delete_at) WHERE delete_at IS NOT NULL;
