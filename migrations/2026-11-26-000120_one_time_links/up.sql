-- What is sent by mail and works once: a link, and for some purposes a code beside it.
CREATE TABLE one_time_links (
    hash BYTEA PRIMARY KEY NOT NULL,         -- of the purpose and the link's secret: for another purpose it is another
    purpose TEXT NOT NULL,                   -- reset | sign_in | sign_up | … (src/domain/account/one_time_link.rs)
    subject BYTEA NOT NULL,                  -- keyed hash of the person or the address that it is for: of each so many stay
    user_id UUID REFERENCES users (id) ON DELETE CASCADE, -- NULL: there is no account yet
    user_seen_at TIMESTAMPTZ,                -- users.updated_at then: for most purposes a change of the account makes it void
    payload BYTEA,                           -- what it is to do, sealed under the master key for this purpose and hash
    browser_hash BYTEA,                      -- of the secret of the browser that asked, where another may not use it
    code_hash BYTEA,                         -- keyed hash of the code in the same mail, where there is one
    wrong_codes BIGINT NOT NULL DEFAULT 0,   -- how many codes, or passwords, were compared with it
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    used_at TIMESTAMPTZ
);
CREATE INDEX one_time_links_subject ON one_time_links (subject, purpose, created_at);
CREATE INDEX one_time_links_user ON one_time_links (user_id);
CREATE INDEX one_time_links_browser ON one_time_links (browser_hash, created_at);
CREATE INDEX one_time_links_expiry ON one_time_links (expires_at);
