-- Filters of boards that people saved under a name of their own; nobody else sees them.
CREATE TABLE web.saved_filter (
    actor      text NOT NULL,
    board      text NOT NULL,
    name       text NOT NULL,
    queue      text,
    waiting_on text,
    customer   text,
    PRIMARY KEY (actor, board, name)
);
