-- An authorization request that its client has pushed, and that a browser is yet to bring (RFC 9126).
CREATE TABLE pushed_requests (
    hash BYTEA PRIMARY KEY NOT NULL,         -- of the random part of its request_uri
    client_id TEXT NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    parameters TEXT NOT NULL,                -- as application/x-www-form-urlencoded, without what authenticated the client
    place BYTEA,                             -- a keyed hash of the network that it came from; of clients without a secret only
    used_in BYTEA,                           -- what it was answered in: the hash of a flow, or its own; NULL until then
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX pushed_requests_expiry ON pushed_requests (expires_at);
CREATE INDEX pushed_requests_client ON pushed_requests (client_id, expires_at);
CREATE INDEX pushed_requests_place ON pushed_requests (place, expires_at);
