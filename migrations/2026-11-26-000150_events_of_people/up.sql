-- Whom an event concerns, so that people read their own without a search through everybody's; NULL where it is nobody's.
ALTER TABLE audit_events ADD COLUMN person TEXT;
-- Of what is there: what was done to an account, which an event names first, and what its person did.
UPDATE audit_events SET person = substr(targets, 23, 36) WHERE targets LIKE '[{"type":"user","id":"%';
UPDATE audit_events SET person = actor_id WHERE person IS NULL AND actor_kind = 'user';
CREATE INDEX audit_events_person ON audit_events (person, seq) WHERE person IS NOT NULL;
