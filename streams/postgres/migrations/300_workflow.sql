-- Up to which sequence of each partition all reactions are finished. Disposable: reacting again changes nothing.
CREATE SCHEMA workflow;

CREATE TABLE workflow.checkpoint (
    partition int PRIMARY KEY,
    sequence bigint NOT NULL
);
