-- The file of the plugins folder that held the agreed version: what replaces it under this name may go on with the
-- agreement. Empty: none did, or the version of `sha256` serves without an agreement.
ALTER TABLE plugins ADD COLUMN file TEXT NOT NULL DEFAULT '';
