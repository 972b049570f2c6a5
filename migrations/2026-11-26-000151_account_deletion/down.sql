DROP INDEX users_delete_at;
ALTER TABLE users DROP COLUMN delete_at;
