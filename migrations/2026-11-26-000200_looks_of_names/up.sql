-- What a name looks like: the hash of its skeleton (Unicode Technical Standard 39). NULL for what has not been looked at yet (a
-- row of the version before), and for an address that looks like the one of the row that has the skeleton.
ALTER TABLE login_identifiers ADD COLUMN skeleton BYTEA;
-- Not of NULL: SQLite would look for those here, and sort them all for each page.
CREATE UNIQUE INDEX login_identifiers_skeleton ON login_identifiers (skeleton) WHERE skeleton IS NOT NULL;
CREATE INDEX login_identifiers_unlooked ON login_identifiers (identifier) WHERE skeleton IS NULL;
