DROP TABLE used_challenges;
ALTER TABLE factors DROP COLUMN suspected_at;
ALTER TABLE factors DROP COLUMN sign_count;
