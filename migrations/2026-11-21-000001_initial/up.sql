-- The SQL that SQLite and PostgreSQL share. Ids and times are made in Rust. Text that must come back byte for byte,
-- JSON included, is TEXT. A hash is SHA-256 of the secret that its holder presents: this database holds no secret.

-- A person. `id` is the `sub` claim and is never used again.
CREATE TABLE users (
    id UUID PRIMARY KEY NOT NULL,
    status TEXT NOT NULL,                    -- active | disabled
    username TEXT,                           -- as displayed: preferred_username
    email TEXT,
    email_verified BOOLEAN NOT NULL,
    administrator BOOLEAN NOT NULL,
    claims TEXT NOT NULL,                    -- JSON: the other standard claims (OpenID Connect Core 5.1)
    password_hash TEXT,                      -- argon2id, PHC string; NULL: cannot sign in with a password
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);

-- One namespace for all that one can sign in with, so that no username can equal another's e-mail (CVE-2021-3754).
CREATE TABLE login_identifiers (
    identifier TEXT PRIMARY KEY NOT NULL,    -- in canonical form
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX login_identifiers_user ON login_identifiers (user_id);

-- An application or a service.
CREATE TABLE clients (
    id TEXT PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    enabled BOOLEAN NOT NULL,
    secret_hash BYTEA,                       -- NULL: a public client
    metadata TEXT NOT NULL,                  -- JSON: domain::oauth::client::Metadata
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);

-- Keys that sign tokens: next (published) -> active (signs) -> retired (published until what it signed has expired).
CREATE TABLE signing_keys (
    id TEXT PRIMARY KEY NOT NULL,            -- the `kid`: RFC 7638 thumbprint
    algorithm TEXT NOT NULL,                 -- RS256 | ES256
    state TEXT NOT NULL,                     -- next | active | retired
    private_key BYTEA NOT NULL,              -- PKCS #8, sealed under secrets.master_key
    public_jwk TEXT NOT NULL,                -- JSON, as published
    created_at TIMESTAMPTZ NOT NULL,
    activated_at TIMESTAMPTZ,
    retired_at TIMESTAMPTZ
);
-- Two instances that rotate at once cannot both succeed.
CREATE UNIQUE INDEX signing_keys_one_active ON signing_keys (algorithm) WHERE state = 'active';
CREATE UNIQUE INDEX signing_keys_one_next ON signing_keys (algorithm) WHERE state = 'next';

-- What a browser's cookie leads to; the data is tower-sessions' own.
CREATE TABLE browser_sessions (
    hash BYTEA PRIMARY KEY NOT NULL,         -- of the cookie's value
    data TEXT NOT NULL,                      -- JSON
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX browser_sessions_expiry ON browser_sessions (expires_at);

-- One sign-in of one user in one browser. `id` is the `sid` claim.
CREATE TABLE sessions (
    id UUID PRIMARY KEY NOT NULL,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    authenticated_at TIMESTAMPTZ NOT NULL,   -- auth_time
    methods TEXT NOT NULL,                   -- amr values (RFC 8176), separated by spaces
    created_at TIMESTAMPTZ NOT NULL,
    seen_at TIMESTAMPTZ NOT NULL,            -- moved at most once a minute
    expires_at TIMESTAMPTZ NOT NULL,         -- absolute limit
    ended_at TIMESTAMPTZ
);
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);

-- A request at /authorize that waits for its user. The browser carries only the id, and it works only with the cookie
-- that it was made for.
CREATE TABLE authorization_requests (
    hash BYTEA PRIMARY KEY NOT NULL,         -- of the id in the page's URL
    browser_hash BYTEA NOT NULL,             -- of the browser's binding secret
    client_id TEXT NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    parameters TEXT NOT NULL,                -- JSON: domain::oauth::authorize::AuthorizationRequest
    session_id UUID,                         -- the session that the user chose, where prompt=select_account
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX authorization_requests_expiry ON authorization_requests (expires_at);
CREATE INDEX authorization_requests_client ON authorization_requests (client_id);

-- What a user has allowed a client, remembered so that it is not asked again.
CREATE TABLE consents (
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    client_id TEXT NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    scope TEXT NOT NULL,                     -- every scope ever allowed, separated by spaces
    claims TEXT NOT NULL,                    -- claims allowed by name through the claims parameter
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,         -- when last asked and allowed
    PRIMARY KEY (user_id, client_id)
);
CREATE INDEX consents_client ON consents (client_id);

-- What a user allowed a client once: codes and tokens point to it, revoking it ends them all.
CREATE TABLE grants (
    id UUID PRIMARY KEY NOT NULL,
    client_id TEXT NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    session_id UUID,                         -- the session it was made in
    offline BOOLEAN NOT NULL,                -- outlives the session (offline_access)
    scope TEXT NOT NULL,
    claims TEXT,                             -- JSON: the claims parameter (OpenID Connect Core 5.5)
    authenticated_at TIMESTAMPTZ NOT NULL,
    methods TEXT NOT NULL,
    acr TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,         -- absolute end, refreshed or not
    revoked_at TIMESTAMPTZ
);
CREATE INDEX grants_user ON grants (user_id);
CREATE INDEX grants_client ON grants (client_id);
CREATE INDEX grants_session ON grants (session_id);
CREATE INDEX grants_expiry ON grants (expires_at);

CREATE TABLE authorization_codes (
    hash BYTEA PRIMARY KEY NOT NULL,
    grant_id UUID NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
    client_id TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,              -- where the code was sent
    challenge TEXT,                          -- PKCE S256
    nonce TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    used_at TIMESTAMPTZ
);
CREATE INDEX authorization_codes_grant ON authorization_codes (grant_id);
CREATE INDEX authorization_codes_expiry ON authorization_codes (expires_at);

CREATE TABLE refresh_tokens (
    hash BYTEA PRIMARY KEY NOT NULL,
    grant_id UUID NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
    generation BIGINT NOT NULL,              -- 0, then one more for each rotation
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,         -- idle limit
    used_at TIMESTAMPTZ                      -- when it was rotated
);
CREATE UNIQUE INDEX refresh_tokens_family ON refresh_tokens (grant_id, generation);
CREATE INDEX refresh_tokens_expiry ON refresh_tokens (expires_at);

-- Opaque access tokens, for clients that ask for them. JWT access tokens are not stored.
CREATE TABLE access_tokens (
    hash BYTEA PRIMARY KEY NOT NULL,
    id TEXT NOT NULL,                        -- jti
    client_id TEXT NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    claims TEXT NOT NULL,                    -- JSON: domain::oauth::access_token::Claims
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX access_tokens_expiry ON access_tokens (expires_at);
CREATE INDEX access_tokens_client ON access_tokens (client_id);

-- Access tokens that were revoked before their time, by jti.
CREATE TABLE revoked_tokens (
    id TEXT PRIMARY KEY NOT NULL,
    revoked_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL          -- when the token would have expired anyway
);
CREATE INDEX revoked_tokens_expiry ON revoked_tokens (expires_at);

-- Counters that may be lost (ephemeral): attempts in a window of time.
CREATE TABLE counters (
    id TEXT PRIMARY KEY NOT NULL,
    hits BIGINT NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX counters_expiry ON counters (expires_at);
