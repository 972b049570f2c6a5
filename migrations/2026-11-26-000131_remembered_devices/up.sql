-- Browsers in which a person is not asked for a second factor for a while, because they said so when they gave one there.
CREATE TABLE remembered_devices (
    id UUID PRIMARY KEY NOT NULL,            -- by which its person finds it; a session's proof names it
    hash BYTEA NOT NULL UNIQUE,              -- of the secret in the browser's cookie
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE, -- of each person at most ten
    user_agent TEXT,                         -- what the browser called itself then, bounded
    address TEXT,                            -- and from where
    created_at TIMESTAMPTZ NOT NULL,
    last_used_at TIMESTAMPTZ,                -- when it last stood in for a second factor
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX remembered_devices_user ON remembered_devices (user_id, created_at);
CREATE INDEX remembered_devices_expiry ON remembered_devices (expires_at);
