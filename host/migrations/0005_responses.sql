-- Answers of the Responses API that clients may come back to. `sealed` holds what was asked and answered; `bytes` is
-- its length, so that what a client key takes can be added up. `previous` is the answer it goes on from.
CREATE TABLE responses (
    id         TEXT   NOT NULL PRIMARY KEY,
    client_key TEXT   NOT NULL REFERENCES client_keys (id) ON DELETE CASCADE,
    previous   TEXT,
    created_ms BIGINT NOT NULL,
    bytes      BIGINT NOT NULL,
    sealed     BLOB   NOT NULL
);
CREATE INDEX responses_client ON responses (client_key, created_ms, bytes);
CREATE INDEX responses_created ON responses (created_ms);
