-- What came of attempts, by key and model and by provider and model: sums that weigh less the longer they are ago, as
-- of `at_ms`. Written in the background.
CREATE TABLE routing_outcomes (
    name     TEXT             NOT NULL PRIMARY KEY,
    at_ms    BIGINT           NOT NULL,
    good     DOUBLE PRECISION NOT NULL,
    bad      DOUBLE PRECISION NOT NULL,
    timed    DOUBLE PRECISION NOT NULL,
    speed    DOUBLE PRECISION NOT NULL,
    begun    DOUBLE PRECISION NOT NULL,
    first_ms DOUBLE PRECISION NOT NULL,
    tokens   DOUBLE PRECISION NOT NULL,
    over_ms  DOUBLE PRECISION NOT NULL
);

-- Named chains of models: `name` in lower case, `body` as JSON.
CREATE TABLE routing_profiles (
    name TEXT NOT NULL PRIMARY KEY,
    body TEXT NOT NULL
);

-- Other names for models, in lower case.
CREATE TABLE routing_aliases (
    name   TEXT NOT NULL PRIMARY KEY,
    target TEXT NOT NULL
);
