-- Everything of the first version. Times are milliseconds since 1970 UTC, ids are text, since the associated data
-- of sealed values is built from them; truth values are 0 and 1.

-- Single values: the vault's salt and check value, and what the user set.
CREATE TABLE settings (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

-- Raised with every change of keys, endpoints, plugins and tokens, so that a server notices what another
-- process wrote.
INSERT INTO settings (name, value) VALUES ('revision', '1');

-- The unified keys. `hash` recognises a token; `sealed` shows it again.
CREATE TABLE client_keys (
    id         TEXT   NOT NULL PRIMARY KEY,
    label      TEXT   NOT NULL,
    hash       BLOB   NOT NULL UNIQUE,
    sealed     BLOB   NOT NULL,
    created_ms BIGINT NOT NULL
);

-- One account at one provider; a custom endpoint is one whose `name` is not empty. `settings` and `learned`
-- are JSON objects of texts; `learned` is what replies taught, and wins.
CREATE TABLE provider_keys (
    id            TEXT   NOT NULL PRIMARY KEY,
    provider      TEXT   NOT NULL,
    name          TEXT   NOT NULL,
    label         TEXT   NOT NULL,
    base_url      TEXT,
    priority      BIGINT NOT NULL,
    enabled       BIGINT NOT NULL,
    settings      TEXT   NOT NULL,
    learned       TEXT   NOT NULL,
    created_ms    BIGINT NOT NULL,
    health        TEXT   NOT NULL,
    health_detail TEXT   NOT NULL,
    health_ms     BIGINT
);
CREATE UNIQUE INDEX provider_keys_name ON provider_keys (name) WHERE name <> '';

CREATE TABLE key_secrets (
    key_id TEXT  NOT NULL REFERENCES provider_keys (id) ON DELETE CASCADE,
    name   TEXT  NOT NULL,
    sealed BLOB  NOT NULL,
    PRIMARY KEY (key_id, name)
);

-- Models of a key: those the provider listed, and those the user gave by hand, which then stand alone.
-- `facts` is JSON; `place` keeps the order.
CREATE TABLE key_models (
    key_id TEXT   NOT NULL REFERENCES provider_keys (id) ON DELETE CASCADE,
    source TEXT   NOT NULL,
    place  BIGINT NOT NULL,
    model  TEXT   NOT NULL,
    facts  TEXT   NOT NULL,
    PRIMARY KEY (key_id, source, place)
);

CREATE TABLE plugin_files (
    sha256 TEXT  NOT NULL PRIMARY KEY,
    bytes  BLOB  NOT NULL
);

-- `grant_json` is what the user agreed to; `pending_sha256` a newer file that asks for more and waits.
CREATE TABLE plugins (
    id             TEXT   NOT NULL PRIMARY KEY,
    sha256         TEXT   NOT NULL,
    source         TEXT   NOT NULL,
    grant_json     TEXT,
    granted_sha256 TEXT,
    granted_ms     BIGINT,
    pending_sha256 TEXT,
    removed        BIGINT NOT NULL
);

-- Units counted as spent before they are handed out.
CREATE TABLE limit_blocks (
    meter    TEXT   NOT NULL,
    start_ms BIGINT NOT NULL,
    end_ms   BIGINT NOT NULL,
    spent    BIGINT NOT NULL,
    PRIMARY KEY (meter, start_ms)
);
CREATE INDEX limit_blocks_end ON limit_blocks (end_ms);

CREATE TABLE cooldowns (
    subject  TEXT   NOT NULL PRIMARY KEY,
    until_ms BIGINT NOT NULL,
    kind     TEXT   NOT NULL,
    hard     BIGINT NOT NULL,
    strikes  BIGINT NOT NULL,
    reason   TEXT   NOT NULL
);

-- One row a client's request. No bodies, no credentials.
CREATE TABLE requests (
    id               TEXT   NOT NULL PRIMARY KEY,
    at_ms            BIGINT NOT NULL,
    client_key       TEXT   NOT NULL,
    requested_model  TEXT   NOT NULL,
    provider         TEXT   NOT NULL,
    model            TEXT   NOT NULL,
    key_id           TEXT   NOT NULL,
    status           BIGINT NOT NULL,
    streamed         BIGINT NOT NULL,
    attempts         BIGINT NOT NULL,
    trail            TEXT   NOT NULL,
    input_tokens     BIGINT,
    output_tokens    BIGINT,
    first_content_ms BIGINT,
    total_ms         BIGINT,
    error_kind       TEXT,
    guest_us         BIGINT NOT NULL,
    host_us          BIGINT NOT NULL
);
CREATE INDEX requests_at ON requests (at_ms);
