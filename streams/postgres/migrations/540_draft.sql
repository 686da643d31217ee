-- Orders that somebody will go on entering later. A draft is nobody else's, and lives for thirty days.
CREATE TABLE web.draft (
    name     text PRIMARY KEY,
    actor    text NOT NULL,
    title    text NOT NULL,
    fields   jsonb NOT NULL,
    saved_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX draft_actor ON web.draft (actor, saved_at);
CREATE INDEX draft_saved_at ON web.draft (saved_at);
