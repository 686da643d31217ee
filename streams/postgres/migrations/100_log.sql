-- The embedded log. A record without a sequence is a claim. Places have no gaps and claims take one too.
CREATE SCHEMA log;

-- One row a partition: whoever changes it under its term is the owner, and the row's lock puts appends in order.
CREATE TABLE log.owner (
    partition int PRIMARY KEY CHECK (partition >= 0),
    term bigint NOT NULL,
    place bigint NOT NULL
);

CREATE TABLE log.record (
    partition int NOT NULL,
    place bigint NOT NULL,
    term bigint NOT NULL,
    sequence bigint,
    stream text,
    version bigint,
    command_id uuid,
    value bytea NOT NULL,
    PRIMARY KEY (partition, place),
    CHECK ((sequence IS NULL) = (stream IS NULL)),
    CHECK ((sequence IS NULL) = (version IS NULL)),
    CHECK ((sequence IS NULL) = (command_id IS NULL))
);

-- JSON of one or two kilobytes: compressing it costs an append more than it saves.
ALTER TABLE log.record ALTER COLUMN value SET STORAGE EXTERNAL;

CREATE UNIQUE INDEX record_sequence ON log.record (partition, sequence);
-- Partition first: an exact match at every size, also before the table's statistics exist.
CREATE INDEX record_stream ON log.record (partition, stream, version) WHERE sequence IS NOT NULL;
CREATE INDEX record_command ON log.record (partition, command_id) WHERE sequence IS NOT NULL;
CREATE INDEX record_claim ON log.record (partition, place) WHERE sequence IS NULL;
CREATE INDEX record_order_placed ON log.record (partition) WHERE version = 1 AND stream LIKE 'order-%';
