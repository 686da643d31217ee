-- Sign-ins that were begun at the company's identity provider: what its answer is held against, once, for ten minutes.
-- State and browser are here as hashes; the nonce and the verifier are worth nothing without the provider's answer.
CREATE TABLE web.provider_start (
    state    bytea PRIMARY KEY,
    browser  bytea       NOT NULL,
    nonce    text        NOT NULL,
    verifier text        NOT NULL,
    next     text        NOT NULL,
    ends_at  timestamptz NOT NULL
);
CREATE INDEX provider_start_ends_at ON web.provider_start (ends_at);
