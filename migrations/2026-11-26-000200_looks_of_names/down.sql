DROP INDEX login_identifiers_unlooked;
DROP INDEX login_identifiers_skeleton;
ALTER TABLE login_identifiers DROP COLUMN skeleton;
