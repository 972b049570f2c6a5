ALTER TABLE authorization_codes DROP COLUMN used_by;
