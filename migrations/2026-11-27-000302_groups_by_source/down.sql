ALTER TABLE users DROP COLUMN upstream_groups;
