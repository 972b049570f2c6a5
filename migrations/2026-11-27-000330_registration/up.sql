-- Applications that register themselves (RFC 7591). Those that the operator registers have no row in client_registrations.
ALTER TABLE clients ADD COLUMN registered_itself BOOLEAN NOT NULL DEFAULT FALSE;

-- What lets somebody register applications where not everybody may (RFC 7591 §3).
CREATE TABLE initial_access_tokens (
    id UUID PRIMARY KEY NOT NULL,
    hash BYTEA NOT NULL,                     -- of the token
    name TEXT NOT NULL,                      -- whom or what for, in the operator's words
    uses_left BIGINT NOT NULL,               -- how many applications it can still register
    used BIGINT NOT NULL DEFAULT 0,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX initial_access_tokens_hash ON initial_access_tokens (hash);
CREATE INDEX initial_access_tokens_expiry ON initial_access_tokens (expires_at);

-- How an application that registered itself manages its registration (RFC 7592), and until when it is waited for.
CREATE TABLE client_registrations (
    client_id TEXT PRIMARY KEY NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    token_hash BYTEA NOT NULL,               -- of its registration access token
    place BYTEA,                             -- keyed hash of the network of one holder that it came from; NULL: a token let it in
    wide_place BYTEA,                        -- the same of the network round that
    created_at TIMESTAMPTZ NOT NULL,
    unused_until TIMESTAMPTZ                 -- it is deleted then; NULL: it has been used
);
CREATE INDEX client_registrations_place ON client_registrations (place, unused_until);
CREATE INDEX client_registrations_wide_place ON client_registrations (wide_place, unused_until);
CREATE INDEX client_registrations_unused ON client_registrations (unused_until);
