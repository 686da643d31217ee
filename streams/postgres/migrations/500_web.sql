-- One-time sign-in codes. Only the hash is here: who reads this table can sign in as nobody.
CREATE SCHEMA IF NOT EXISTS web;

CREATE TABLE web.sign_in_code (
    hash       bytea PRIMARY KEY,
    actor      text NOT NULL,
    role       text NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz
);

CREATE INDEX sign_in_code_expires_at ON web.sign_in_code (expires_at);
