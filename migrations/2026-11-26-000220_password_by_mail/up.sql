-- When the password was chosen by whoever read a mail; NULL: it was chosen in another way, or there is none. As long as it is younger
-- than factors.recovery_delay it does not count for removing lost second factors: the mail alone would do for both.
ALTER TABLE users ADD COLUMN password_mailed_at TIMESTAMPTZ;
