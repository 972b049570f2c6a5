-- What a session's user gave to prove who they are, as JSON: [{"method": "password", "at": microseconds since 1970,
-- "credential": id}, …]. NULL in rows of the version before, which has the words of `amr` in `methods` only; they are still
-- written for it.
ALTER TABLE sessions ADD COLUMN proofs TEXT;
