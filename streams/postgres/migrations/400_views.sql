-- Bookkeeping of the read side. The tables of the views themselves are made by projections/, one per view and version.
CREATE SCHEMA views;

CREATE TABLE views.checkpoint (
    projection text NOT NULL,
    partition integer NOT NULL,
    bookmark bigint NOT NULL DEFAULT 0,
    sequence bigint NOT NULL DEFAULT 0,
    event_id uuid,
    epoch bigint NOT NULL DEFAULT 0,
    generation bigint NOT NULL DEFAULT 0,
    owner text NOT NULL DEFAULT '',
    stopped text,
    updated_at timestamptz NOT NULL DEFAULT now(),
    caught_up_at timestamptz,
    PRIMARY KEY (projection, partition)
);
COMMENT ON COLUMN views.checkpoint.epoch IS 'who may write: every claim raises it, and an older one finds no row';
COMMENT ON COLUMN views.checkpoint.generation IS 'raised when tables were switched under a running projector';
COMMENT ON COLUMN views.checkpoint.stopped IS 'why this partition is read no further; null while it is';
COMMENT ON COLUMN views.checkpoint.caught_up_at IS 'when it last had everything that the log held then';

CREATE TABLE views.live (
    view text PRIMARY KEY,
    version integer NOT NULL,
    shape text NOT NULL,
    previous text,
    switched_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN views.live.shape IS 'form of the folded states that the table was made from';
COMMENT ON COLUMN views.live.previous IS 'table that the view showed before, kept until the next rebuild';

CREATE TABLE views.fold (
    stream text PRIMARY KEY,
    version integer NOT NULL,
    state bytea NOT NULL
);

CREATE TABLE views.parked (
    view text NOT NULL,
    stream text NOT NULL,
    partition integer NOT NULL,
    sequence bigint NOT NULL,
    event_id uuid NOT NULL,
    error text NOT NULL,
    parked_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (view, stream)
);
COMMENT ON TABLE views.parked IS 'streams that a view could not digest: it shows them no further until it is rebuilt';
