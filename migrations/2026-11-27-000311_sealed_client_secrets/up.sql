-- The secret of a client that signs with it (client_secret_jwt), sealed under the master key: a hash is not enough to verify with.
ALTER TABLE clients ADD COLUMN sealed_secret BYTEA;
