-- A factor that its owner gave no name has none: the pages call it by its kind, in the language of whoever reads them. Until now
-- it was given an English one.
UPDATE factors SET name = '' WHERE kind = 'totp' AND name = 'Authenticator app';
UPDATE factors SET name = '' WHERE kind = 'passkey' AND name = 'Passkey';
