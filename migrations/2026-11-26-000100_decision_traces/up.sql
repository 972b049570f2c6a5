-- Why requests were refused, for `latchkey why`. Written in the background, at most some of each place; kept for a day.
CREATE TABLE decision_traces (
    id TEXT PRIMARY KEY NOT NULL,            -- the request's id
    place BIGINT NOT NULL,                   -- keyed hash of the network that it came from
    source BIGINT NOT NULL,                  -- the same with the client and what was refused
    recorded_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    endpoint TEXT NOT NULL,                  -- method and path of ours
    trace TEXT NOT NULL                      -- JSON of at most 8 KiB: domain::operation::decision_trace::Trace
);
CREATE INDEX decision_traces_place ON decision_traces (place, recorded_at);
CREATE INDEX decision_traces_source ON decision_traces (source, recorded_at);
CREATE INDEX decision_traces_expiry ON decision_traces (expires_at);
