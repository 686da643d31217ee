-- What Kafka cannot do: look up by stream and by command. Disposable; rebuilt from the log.
CREATE SCHEMA "index";

CREATE TABLE "index".event (
    partition int NOT NULL,
    sequence bigint NOT NULL,
    stream text COLLATE "C" NOT NULL,
    version int NOT NULL,
    command_id uuid NOT NULL,
    value bytea NOT NULL,
    PRIMARY KEY (partition, sequence)
);
CREATE INDEX event_by_stream ON "index".event (stream, version);
CREATE INDEX event_by_command ON "index".event (command_id);
CREATE INDEX event_order_placed ON "index".event (partition) WHERE version = 1 AND stream LIKE 'order-%';

-- How far each partition is indexed: where to go on reading, and the last event, so that a shortened log is noticed.
CREATE TABLE "index".mark (
    partition int PRIMARY KEY,
    bookmark bigint NOT NULL,
    sequence bigint NOT NULL,
    event_id uuid
);
