-- A session ends after twelve hours, or with the token that it began with.
ALTER TABLE web.session ADD COLUMN ends_at timestamptz NOT NULL DEFAULT now() + interval '12 hours';
UPDATE web.session SET ends_at = begun_at + interval '12 hours';
ALTER TABLE web.session DROP COLUMN begun_at;

CREATE INDEX session_ends_at ON web.session (ends_at);
