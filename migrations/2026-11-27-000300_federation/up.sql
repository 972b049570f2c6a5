-- Signing in through other providers.

-- Who somebody is at a provider, connected to an account here: provider, issuer and subject, never an address.
CREATE TABLE identities (
    id UUID PRIMARY KEY NOT NULL,            -- by which its person finds it; a session's proof names it
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    provider TEXT NOT NULL,                  -- its name in the configuration
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    label TEXT,                              -- what they are called there, to be shown
    created_at TIMESTAMPTZ NOT NULL,
    last_used_at TIMESTAMPTZ,
    UNIQUE (provider, issuer, subject)
);
CREATE INDEX identities_user ON identities (user_id, created_at);

-- People who were sent to a provider and have not come back. A row is taken once, by the browser that it belongs to.
CREATE TABLE upstream_flows (
    hash BYTEA PRIMARY KEY NOT NULL,         -- of the state
    provider TEXT NOT NULL,
    browser_hash BYTEA NOT NULL,             -- of each browser at most five
    sealed BYTEA NOT NULL,                   -- nonce, PKCE verifier, and what they wanted
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX upstream_flows_browser ON upstream_flows (browser_hash, created_at);
CREATE INDEX upstream_flows_expiry ON upstream_flows (expires_at);
