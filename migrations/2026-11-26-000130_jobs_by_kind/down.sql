DROP INDEX jobs_state;
CREATE INDEX jobs_state ON jobs (state, run_at);
