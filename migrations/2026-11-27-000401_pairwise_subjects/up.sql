-- What a client calls the person, where that is not the id of their account (OpenID Connect Core §8.1). It stays as it was when
-- the grant was made, whatever becomes of the client's registration (§12.2). NULL: the id.
ALTER TABLE grants ADD COLUMN pairwise_sub TEXT;

-- Keys of this server that have to stay the same for ever, whatever the master key is by then: so they are not derived from it.
CREATE TABLE kept_keys (
    name TEXT PRIMARY KEY NOT NULL,          -- what it is for
    sealed BYTEA NOT NULL,                   -- 32 random bytes, sealed under the master key
    created_at TIMESTAMPTZ NOT NULL
);
