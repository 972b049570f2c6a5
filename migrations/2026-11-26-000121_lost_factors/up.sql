-- Whoever gave their password and says to have lost every second factor. After a delay, in which the person is told and can stop
-- it, the factors can be removed by a code that is mailed.
CREATE TABLE lost_factors (
    user_id UUID PRIMARY KEY NOT NULL REFERENCES users (id) ON DELETE CASCADE, -- of each person one at a time
    user_seen_at TIMESTAMPTZ NOT NULL,       -- when the account had changed last: void if it has changed since
    requested_at TIMESTAMPTZ NOT NULL,
    effective_at TIMESTAMPTZ NOT NULL,       -- not before this
    remind_at TIMESTAMPTZ,                   -- when the person is told again; NULL: that was done
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX lost_factors_remind ON lost_factors (remind_at);
CREATE INDEX lost_factors_expiry ON lost_factors (expires_at);
