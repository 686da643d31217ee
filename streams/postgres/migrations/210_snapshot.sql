-- Folded states of streams that grow for ever, so that loading one does not read all of it. Disposable.
CREATE TABLE "index".snapshot (
    stream text COLLATE "C" PRIMARY KEY,
    shape text NOT NULL,
    version int NOT NULL,
    sequence bigint NOT NULL,
    hash text NOT NULL,
    recorded_at timestamptz NOT NULL,
    state bytea NOT NULL
);
