-- Signing in with badge and PIN, at browsers that were registered for it. Of cookies and badges only hashes are here, of PINs
-- argon2 (RFC 9106) with its parameters and salt.
CREATE TABLE web.device (
    id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    hash          bytea       NOT NULL UNIQUE,
    name          text        NOT NULL,
    registered_by text        NOT NULL,
    registered_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE web.badge (
    person uuid PRIMARY KEY,
    hash   bytea UNIQUE,
    pin    text,
    failed integer NOT NULL DEFAULT 0
);

-- Where a session began with a badge; null for every other one.
ALTER TABLE web.session ADD COLUMN device uuid;
CREATE INDEX session_device ON web.session (device) WHERE device IS NOT NULL;
