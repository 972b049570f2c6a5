DROP TABLE client_registrations;
DROP TABLE initial_access_tokens;
ALTER TABLE clients DROP COLUMN registered_itself;
