-- What a person's applications learn beside the standard claims. An older program does not read these, and leaves them
-- as they are.
ALTER TABLE users ADD COLUMN group_names TEXT NOT NULL DEFAULT '[]';     -- JSON: the groups claim
ALTER TABLE users ADD COLUMN custom_claims TEXT NOT NULL DEFAULT '{}';   -- JSON: claims that the configuration names
