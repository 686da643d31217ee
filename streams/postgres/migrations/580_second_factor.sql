-- Time-based codes (RFC 6238) of people: who reads this table can make none, for the secret is sealed with a key of the
-- data directory. Recovery codes are hashes. A step of time whose code was used is used up, with all before it.
CREATE TABLE web.second_factor (
    person    uuid PRIMARY KEY,
    secret    text        NOT NULL,
    begun_at  timestamptz NOT NULL DEFAULT now(),
    confirmed boolean     NOT NULL DEFAULT false,
    last_step bigint      NOT NULL DEFAULT 0,
    recovery  bytea[]     NOT NULL DEFAULT '{}'
);
