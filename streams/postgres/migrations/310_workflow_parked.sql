-- Events that the workflow could not react to, and those that came behind them in their stream. Tried again at each start.
CREATE TABLE workflow.parked (
    partition int NOT NULL,
    sequence bigint NOT NULL,
    stream text NOT NULL,
    why text NOT NULL,
    parked_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (partition, sequence)
);
