ALTER TABLE clients DROP COLUMN sealed_secret;
