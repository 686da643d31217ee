-- With what people of the register sign in. Whoever loses it asks for a new link; nothing of the business is here.

-- A code without a role is a person's, who chooses a password with it.
ALTER TABLE web.sign_in_code ALTER COLUMN role DROP NOT NULL;

-- argon2 (RFC 9106) with its parameters and salt.
CREATE TABLE web.password (
    person uuid PRIMARY KEY,
    hash   text        NOT NULL,
    set_at timestamptz NOT NULL DEFAULT now()
);

-- How often signing in failed, by account and by address. Both are here as hashes only.
CREATE TABLE web.sign_in_try (
    hash    bytea PRIMARY KEY,
    failed  integer     NOT NULL,
    next_at timestamptz NOT NULL
);
CREATE INDEX sign_in_try_next_at ON web.sign_in_try (next_at);

-- Without its person in the register, such a session is nobody's. Its owner tells one from another by when it began.
ALTER TABLE web.session ADD COLUMN registered boolean NOT NULL DEFAULT false;
ALTER TABLE web.session ADD COLUMN begun_at timestamptz NOT NULL DEFAULT now();
CREATE INDEX session_actor ON web.session (actor);
