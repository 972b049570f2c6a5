DROP INDEX authorization_requests_place;
ALTER TABLE authorization_requests DROP COLUMN place;
ALTER TABLE sessions DROP COLUMN chosen_in;
ALTER TABLE sessions DROP COLUMN proved_in;
