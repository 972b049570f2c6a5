-- Who did what. A row is written in the transaction of the change that it tells of; what happens often, or at a stranger's
-- will, is counted and written once a minute.
CREATE TABLE audit_events (
    id UUID PRIMARY KEY NOT NULL,
    occurred_at TIMESTAMPTZ NOT NULL,
    action TEXT NOT NULL,                    -- docs/events.md
    outcome TEXT NOT NULL,                   -- success, refused, failed
    actor_kind TEXT NOT NULL,                -- command_line, system, user, client, nobody
    actor_id TEXT,
    on_behalf_of UUID,                       -- a user, who may be gone: nothing here points to another table
    targets TEXT NOT NULL,                   -- JSON: [{"type", "id"}]
    client_id TEXT,
    session_id UUID,
    address TEXT,                            -- an address, or the network that something was counted for
    user_agent TEXT,
    request_id TEXT,
    reason TEXT,
    changes TEXT NOT NULL,                   -- JSON: [{"field", "old", "new"}], or "hidden" for what is not written down
    count BIGINT NOT NULL,                   -- how often, for what was counted; otherwise 1
    seq BIGINT                               -- NULL until sealed: then without gaps, in the order in which it is read
);
-- Every change pays for these: one for what is to be sealed, which is soon empty again, and one for reading.
CREATE INDEX audit_events_unsealed ON audit_events (occurred_at, id) WHERE seq IS NULL;
CREATE UNIQUE INDEX audit_events_seq ON audit_events (seq) WHERE seq IS NOT NULL;

-- Places in the sequence: `sealed` is the last number that was given, `pruned.CLASS` up to where nothing of a class is left
-- that was to be deleted. Whoever moves one holds its row, so that one instance at a time does so.
CREATE TABLE audit_positions (
    id TEXT PRIMARY KEY NOT NULL,
    seq BIGINT NOT NULL
);
INSERT INTO audit_positions (id, seq) VALUES ('sealed', 0);
