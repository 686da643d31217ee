-- Sessions of people who signed in. Only the hash is here: who reads this table is signed in as nobody.
CREATE TABLE web.session (
    hash     bytea PRIMARY KEY,
    actor    text NOT NULL,
    role     text NOT NULL,
    begun_at timestamptz NOT NULL DEFAULT now(),
    seen_at  timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX session_begun_at ON web.session (begun_at);
