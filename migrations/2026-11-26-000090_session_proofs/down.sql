ALTER TABLE sessions DROP COLUMN proofs;
