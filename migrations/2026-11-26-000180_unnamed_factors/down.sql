UPDATE factors SET name = 'Authenticator app' WHERE kind = 'totp' AND name = '';
UPDATE factors SET name = 'Passkey' WHERE kind = 'passkey' AND name = '';
