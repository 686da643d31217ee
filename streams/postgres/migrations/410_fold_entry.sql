-- What folded stock items know of each order: an item has thousands, and a batch changes a few of them.
CREATE TABLE views.fold_entry (
    stream text NOT NULL,
    order_id uuid NOT NULL,
    entry bytea NOT NULL,
    PRIMARY KEY (stream, order_id)
);
