DROP TABLE audit_positions;
DROP TABLE audit_events;
