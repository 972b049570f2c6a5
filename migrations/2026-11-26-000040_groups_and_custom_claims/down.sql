ALTER TABLE users DROP COLUMN custom_claims;
ALTER TABLE users DROP COLUMN group_names;
