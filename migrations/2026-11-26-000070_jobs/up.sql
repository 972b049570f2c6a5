-- Work that happens without a request. Whoever wants something done adds a row in the transaction that is the reason for
-- it; a worker of any instance takes the row for a while (the lease), does it and says so.
CREATE TABLE jobs (
    id UUID PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL,                      -- domain::operation::job::Kind
    key TEXT NOT NULL,                       -- what it is about: of one kind and key only one waits or runs
    payload TEXT NOT NULL,                   -- JSON of at most 64 KiB; null once it is done
    state TEXT NOT NULL,                     -- waiting | running | done | dead
    schedule BIGINT,                         -- seconds from the end of one run to the next; NULL: once
    run_at TIMESTAMPTZ NOT NULL,             -- waiting: not before this
    armed_at TIMESTAMPTZ NOT NULL,           -- when run_at was chosen: if that lies ahead, a wrong clock chose it
    attempts BIGINT NOT NULL,                -- runs that have begun
    max_attempts BIGINT NOT NULL,
    fence BIGINT NOT NULL,                   -- one more with each run; who runs it names it, so that a late one changes nothing
    leased_by BIGINT,                        -- running: which process
    lease_until TIMESTAMPTZ,                 -- running: by its clock; another process only looks whether it changes
    last_error TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    created_by TEXT NOT NULL,                -- who wanted it
    finished_at TIMESTAMPTZ,                 -- done and dead; and the last run of one with a schedule
    expires_at TIMESTAMPTZ                   -- done and dead: kept until then
);
CREATE UNIQUE INDEX jobs_one_of_a_key ON jobs (kind, key) WHERE state IN ('waiting', 'running');
CREATE INDEX jobs_state ON jobs (state, run_at);
CREATE INDEX jobs_expiry ON jobs (expires_at);
