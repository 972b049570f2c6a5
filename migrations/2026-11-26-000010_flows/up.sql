-- A request at /authorize travels sealed in its pages' URL. What the server has to remember of it is kept with the
-- session: which flow its last sign-in was for, and in which flow it was chosen. Both are hashes of `flow`.
ALTER TABLE sessions ADD COLUMN proved_in BYTEA;
ALTER TABLE sessions ADD COLUMN chosen_in BYTEA;

-- authorization_requests keeps only what is too long for a URL, and so many for one place (a keyed hash of the network
-- that it came from). Its session_id is no longer written.
ALTER TABLE authorization_requests ADD COLUMN place BYTEA;
CREATE INDEX authorization_requests_place ON authorization_requests (place);
