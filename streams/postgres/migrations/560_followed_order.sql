-- Orders that people follow, or want to hear nothing of though they handled them, and up to where each person has looked.
CREATE TABLE web.followed_order (
    actor    text        NOT NULL,
    order_id uuid        NOT NULL,
    follows  boolean     NOT NULL,
    since    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (actor, order_id)
);
CREATE TABLE web.looked (
    actor     text   NOT NULL,
    partition bigint NOT NULL,
    sequence  bigint NOT NULL,
    PRIMARY KEY (actor, partition)
);
