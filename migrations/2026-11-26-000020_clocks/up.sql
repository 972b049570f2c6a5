-- What time it was when this database was last used, as far as its servers believe: what a clock that stands far from it
-- says is not believed at once, and nothing is deleted by it.
CREATE TABLE clock_marks (
    id TEXT PRIMARY KEY NOT NULL,            -- believed
    at TIMESTAMPTZ NOT NULL
);
INSERT INTO clock_marks (id, at) SELECT 'believed', MAX(seen_at) FROM sessions HAVING MAX(seen_at) IS NOT NULL;

-- Which process it was, by a random number: a window of seconds is judged strictly by the clock that it began by, and
-- with room for a difference by another one.
ALTER TABLE authorization_codes ADD COLUMN made_by BIGINT;
ALTER TABLE refresh_tokens ADD COLUMN used_by BIGINT;
