-- Who may use the dashboard. `password` is a text of `account::passwords`: scheme, costs, salt and hash.
CREATE TABLE accounts (
    id         TEXT   NOT NULL PRIMARY KEY,
    email      TEXT   NOT NULL UNIQUE,
    password   TEXT   NOT NULL,
    created_ms BIGINT NOT NULL
);

-- Log-ins. `hash` recognises the cookie, which is kept nowhere.
CREATE TABLE sessions (
    hash       BLOB   NOT NULL PRIMARY KEY,
    account_id TEXT   NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    created_ms BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL
);
CREATE INDEX sessions_expires ON sessions (expires_ms);

-- Plugins that the user switched off, by id. A table of its own: bundled ones need no row in `plugins`.
CREATE TABLE disabled_plugins (
    id       TEXT   NOT NULL PRIMARY KEY,
    since_ms BIGINT NOT NULL
);
