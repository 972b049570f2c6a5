-- What is due of one kind is found without looking at those of others: ten thousand mails that wait for their server must not
-- be read past each time that something else is looked for.
DROP INDEX jobs_state;
CREATE INDEX jobs_state ON jobs (state, kind, run_at);
