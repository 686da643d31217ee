-- Forms that were not carried out, to be shown again with what was typed. Only the hash of a form's name is here.
CREATE TABLE web.form (
    hash    bytea PRIMARY KEY,
    actor   text NOT NULL,
    fields  jsonb NOT NULL,
    answer  jsonb NOT NULL,
    ends_at timestamptz NOT NULL
);

CREATE INDEX form_ends_at ON web.form (ends_at);
CREATE INDEX form_actor ON web.form (actor, ends_at);
