-- What a person proves beside the password: an authenticator app, a passkey. Of one that is not confirmed yet a person has
-- at most one, for as long as it takes to set it up.
CREATE TABLE factors (
    id UUID PRIMARY KEY NOT NULL,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,                      -- totp | passkey
    name TEXT NOT NULL,                      -- what its owner calls it
    secret BYTEA,                            -- totp: the shared secret, sealed under the master key for this user and factor
    credential_id BYTEA,                     -- passkey: by which it is found
    credential TEXT,                         -- passkey: its public key and state, as JSON
    last_step BIGINT,                        -- totp: the 30 seconds whose code was taken last (RFC 6238 section 5.2)
    created_at TIMESTAMPTZ NOT NULL,
    confirmed_at TIMESTAMPTZ,                -- NULL: it is being set up, and proves nothing yet
    last_used_at TIMESTAMPTZ,
    expires_at TIMESTAMPTZ,                  -- NULL once it is confirmed
    begun_in BYTEA                           -- hash of the session or half sign-in that sets it up: no other sees its secret
);
CREATE INDEX factors_user ON factors (user_id);
CREATE UNIQUE INDEX factors_credential ON factors (credential_id);
CREATE UNIQUE INDEX factors_one_unconfirmed ON factors (user_id) WHERE confirmed_at IS NULL;
CREATE INDEX factors_expiry ON factors (expires_at);

-- Codes on paper, for whoever has lost everything else.
CREATE TABLE recovery_codes (
    hash BYTEA PRIMARY KEY NOT NULL,         -- keyed hash of the user and the code
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at TIMESTAMPTZ NOT NULL,
    used_at TIMESTAMPTZ
);
CREATE INDEX recovery_codes_user ON recovery_codes (user_id);

-- The right password was given, and something else is due before there is a session.
CREATE TABLE pending_sign_ins (
    hash BYTEA PRIMARY KEY NOT NULL,         -- of the secret in the browser's cookie
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    user_seen_at TIMESTAMPTZ NOT NULL,       -- users.updated_at then: after a change of the account it is void
    proofs TEXT NOT NULL,                    -- as in sessions
    flow_hash BYTEA NOT NULL,                -- of the authorization request that it answers
    browser_hash BYTEA NOT NULL,             -- of the secret of the browser that it was made in
    stays BOOLEAN NOT NULL,                  -- whether the browser is to stay signed in when it is closed
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX pending_sign_ins_user ON pending_sign_ins (user_id, created_at);
CREATE INDEX pending_sign_ins_expiry ON pending_sign_ins (expires_at);

-- Whether there is a confirmed factor, so that whoever reads a user knows: kept by whatever adds and removes one.
ALTER TABLE users ADD COLUMN second_factor BOOLEAN NOT NULL DEFAULT FALSE;
