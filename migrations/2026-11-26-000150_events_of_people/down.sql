DROP INDEX audit_events_person;
ALTER TABLE audit_events DROP COLUMN person;
