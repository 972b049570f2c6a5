ALTER TABLE users DROP COLUMN second_factor;
DROP TABLE pending_sign_ins;
DROP TABLE recovery_codes;
DROP TABLE factors;
