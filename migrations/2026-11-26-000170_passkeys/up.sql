-- The signature counter of a passkey, beside its state: compared in the statement that takes a signature.
ALTER TABLE factors ADD COLUMN sign_count BIGINT;
-- When its counter went backwards first: there may be a copy of it.
ALTER TABLE factors ADD COLUMN suspected_at TIMESTAMPTZ;

-- Challenges that were answered, so that none is answered twice. One that was not leaves no row: it is sealed into its page.
CREATE TABLE used_challenges (
    hash BYTEA PRIMARY KEY NOT NULL,         -- of the challenge, as it was sealed
    expires_at TIMESTAMPTZ NOT NULL          -- when nobody could answer it any more
);
CREATE INDEX used_challenges_expiry ON used_challenges (expires_at);
