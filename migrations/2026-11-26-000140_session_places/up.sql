-- Where a person signed in last, so that they can tell their sessions apart: what the browser called itself, bounded, and its
-- address. Events tell it too, but are deleted sooner than a session may end, and are not to be searched for each page. NULL
-- in rows of the version before.
ALTER TABLE sessions ADD COLUMN user_agent TEXT;
ALTER TABLE sessions ADD COLUMN address TEXT;
