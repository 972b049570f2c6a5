-- From when on an operator demands a second factor of this person; NULL: what the installation and its clients demand is all.
ALTER TABLE users ADD COLUMN second_factor_from TIMESTAMPTZ;
