"""The statements of the log in PostgreSQL. `log.py` says what their results mean."""

from typing import Final

WRITER_SETTINGS: Final = "SET synchronous_commit = on; SET statement_timeout = '10s'"

SETTINGS: Final = """
SELECT current_setting('fsync') = 'on', to_regclass('log.record') IS NOT NULL, current_setting('max_connections')::int
"""

COUNT_PARTITIONS: Final = "SELECT coalesce(max(partition) + 1, 0) FROM log.owner"

CLAIM_PARTITION: Final = """
WITH owned AS (
    INSERT INTO log.owner AS o (partition, term, place) VALUES (%(partition)s, 1, 1)
    ON CONFLICT (partition) DO UPDATE SET term = o.term + 1, place = o.place + 1
    RETURNING term, place
), claimed AS (
    INSERT INTO log.record (partition, place, term, value) SELECT %(partition)s, place, term, %(value)b FROM owned
)
SELECT term, place, pg_notify(%(channel)s, '') FROM owned
"""

# The owner row's lock is held from the update to the commit: a zombie's append waits for the claim and then matches no
# term, and records become visible in the order of their places.
APPEND: Final = """
WITH owned AS (
    UPDATE log.owner SET place = place + %(count)b WHERE partition = %(partition)b AND term = %(term)b RETURNING place
), stored AS (
    INSERT INTO log.record (partition, place, term, sequence, stream, version, command_id, value)
    SELECT %(partition)b, owned.place - %(count)b + r.number, %(term)b, (r.record ->> 0)::bigint, r.record ->> 1,
        (r.record ->> 2)::bigint, (r.record ->> 3)::uuid, r.value
    FROM owned, ROWS FROM (jsonb_array_elements(%(records)s::jsonb), unnest(%(values)b::bytea[]))
        WITH ORDINALITY AS r (record, value, number)
)
SELECT place, pg_notify(%(channel)s, '') FROM owned
"""

TERM: Final = "SELECT term FROM log.owner WHERE partition = %s"

END: Final = "SELECT place FROM log.owner WHERE partition = %s"

LAST_CLAIM: Final = """
SELECT term, value FROM log.record WHERE partition = %s AND sequence IS NULL ORDER BY place DESC LIMIT 1
"""

LAST_BEFORE: Final = """
SELECT sequence, stream, term, value FROM log.record
WHERE partition = %s AND place <= %s AND sequence IS NOT NULL ORDER BY place DESC LIMIT 1
"""

RECORDS: Final = """
SELECT place, sequence, stream, term, value FROM log.record
WHERE partition = %s AND place > %s AND place <= %s ORDER BY place LIMIT %s
"""

# LATERAL with OFFSET 0 keeps the planner to one exact look-up for each item: a join, planned and cached while the table
# was small, becomes a scan of everything until the next ANALYZE.
WANTED: Final = """
SELECT 'applied' AS found, max(sequence) AS sequence, NULL AS stream, 0 AS term, NULL::bytea AS value,
    NULL::uuid AS command_id, 0 AS version
FROM log.record WHERE partition = %(partition)s
UNION ALL
SELECT 'stream', record.sequence, record.stream, record.term, record.value, record.command_id, record.version
FROM jsonb_each_text(%(streams)s::jsonb) AS wanted (stream, known)
CROSS JOIN LATERAL (
    SELECT * FROM log.record
    WHERE record.partition = %(partition)s AND record.sequence IS NOT NULL
        AND record.stream = wanted.stream AND record.version > wanted.known::int OFFSET 0
) AS record
UNION ALL
SELECT 'command', record.sequence, record.stream, record.term, record.value, record.command_id, record.version
FROM jsonb_array_elements_text(%(commands)s::jsonb) AS wanted (command_id)
CROSS JOIN LATERAL (
    SELECT * FROM log.record
    WHERE record.partition = %(partition)s AND record.sequence IS NOT NULL
        AND record.command_id = wanted.command_id::uuid OFFSET 0
) AS record
ORDER BY version, sequence
"""

ORDERS_AND_END: Final = """
SELECT count(*), coalesce((SELECT max(sequence) FROM log.record WHERE partition = %(partition)s), 0)
FROM log.record WHERE partition = %(partition)s AND version = 1 AND stream LIKE 'order-%%'
"""

RECORDS_AFTER: Final = """
SELECT sequence, stream, term, value FROM log.record
WHERE partition = %s AND sequence > %s ORDER BY sequence LIMIT %s
"""
