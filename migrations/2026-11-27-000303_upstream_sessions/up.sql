-- In which session at an upstream provider a session here began, as far as the provider said (`sid`): by which the provider ends it.
ALTER TABLE sessions ADD COLUMN upstream_session BYTEA; -- hash of provider, issuer and sid
CREATE INDEX sessions_upstream ON sessions (upstream_session) WHERE upstream_session IS NOT NULL;
