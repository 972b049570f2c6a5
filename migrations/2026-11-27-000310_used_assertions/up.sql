-- Assertions by which clients have authenticated, so that none is taken twice. Only one that holds leaves a row.
CREATE TABLE used_assertions (
    hash BYTEA PRIMARY KEY NOT NULL,         -- of the client and the assertion's jti
    expires_at TIMESTAMPTZ NOT NULL          -- when it would not be taken any more
);
CREATE INDEX used_assertions_expiry ON used_assertions (expires_at);
