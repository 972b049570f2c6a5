ALTER TABLE users DROP COLUMN password_mailed_at;
