-- Whether a session began with a token or link for this one role, and works as no other of its person's.
ALTER TABLE web.session ADD COLUMN one_role boolean NOT NULL DEFAULT false;
