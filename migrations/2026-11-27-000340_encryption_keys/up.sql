-- Keys that others encrypt to. Their whole life follows from when they were made: domain::operation::encryption_key.
CREATE TABLE encryption_keys (
    id TEXT PRIMARY KEY NOT NULL,            -- the `kid`: RFC 7638 thumbprint
    algorithm TEXT NOT NULL,                 -- RSA-OAEP | RSA-OAEP-256 | ECDH-ES | ECDH-ES+A128KW | ECDH-ES+A256KW
    private_key BYTEA NOT NULL,              -- PKCS #8, sealed under secrets.master_key
    created_at TIMESTAMPTZ NOT NULL
);
