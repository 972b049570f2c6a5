-- The APIs that a grant was asked for (RFC 8707), as identifiers with spaces between them; none: those that its client is
-- registered for.
ALTER TABLE grants ADD COLUMN resources TEXT NOT NULL DEFAULT '';
