-- Which process used a code, as with refresh tokens: the seconds in which a code that is sent again ends nothing are judged
-- by its clock.
ALTER TABLE authorization_codes ADD COLUMN used_by BIGINT;
