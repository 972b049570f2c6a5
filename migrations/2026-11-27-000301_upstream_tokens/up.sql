-- The tokens that providers gave, kept for applications that may use them: of each identity those of its last sign-in.
CREATE TABLE upstream_tokens (
    identity_id UUID PRIMARY KEY NOT NULL REFERENCES identities (id) ON DELETE CASCADE,
    provider TEXT NOT NULL,                  -- its name in the configuration
    sealed BYTEA NOT NULL,                   -- JSON: domain::federation::upstream_token::UpstreamTokens
    renew_at TIMESTAMPTZ,                    -- NULL: never
    leased_until TIMESTAMPTZ,                -- until then somebody renews them
    failures BIGINT NOT NULL,                -- renewals that failed in a row
    version BIGINT NOT NULL,                 -- grows with every change
    used_at TIMESTAMPTZ NOT NULL,            -- when somebody signed in, or asked for them; to the hour
    updated_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX upstream_tokens_renewal ON upstream_tokens (renew_at) WHERE renew_at IS NOT NULL;
CREATE INDEX upstream_tokens_provider ON upstream_tokens (provider);
