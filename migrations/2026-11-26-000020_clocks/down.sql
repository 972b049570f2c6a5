ALTER TABLE refresh_tokens DROP COLUMN used_by;
ALTER TABLE authorization_codes DROP COLUMN made_by;
DROP TABLE clock_marks;
