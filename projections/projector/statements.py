"""The statements by which rows come into a view's table and leave it.

Decides: which row gives way to which. Must not know: how many rows go into one statement, transactions.
"""

from __future__ import annotations

from functools import cache

from psycopg import sql

from projections.view import StateView, View, columns, identifier


@cache
def upsert(view: View, table: str) -> bytes:
    """Write rows given as one JSON array; a state row gives way only to a newer version, every other one to none."""
    head = sql.SQL(
        "INSERT INTO {table} ({columns}) SELECT {columns} FROM jsonb_populate_recordset(NULL::{table}, %s::jsonb) "
    ).format(table=identifier(table), columns=columns(view.row))
    if not isinstance(view, StateView):
        return (head + sql.SQL("ON CONFLICT DO NOTHING")).as_bytes()
    changes = sql.SQL(", ").join(
        sql.SQL("{0} = excluded.{0}").format(sql.Identifier(name)) for name in view.row.model_fields if name != "stream"
    )
    tail = sql.SQL("ON CONFLICT (stream) DO UPDATE SET {changes} WHERE excluded.version > {table}.version")
    return (head + tail.format(changes=changes, table=identifier(table))).as_bytes()


@cache
def remove(table: str) -> bytes:
    """Take rows away, given arrays of streams and of the versions at which they left."""
    statement = sql.SQL(
        "DELETE FROM {table} USING unnest(%s::text[], %s::integer[]) AS gone (stream, version) "
        "WHERE {table}.stream = gone.stream AND {table}.version < gone.version"
    )
    return statement.format(table=identifier(table)).as_bytes()


@cache
def remove_rows(view: View, table: str) -> bytes:
    """Take those rows away whose keys are given as one JSON array."""
    keys = sql.SQL(", ").join(map(sql.Identifier, view.key))
    statement = sql.SQL(
        "DELETE FROM {table} WHERE ({keys}) IN (SELECT {keys} FROM jsonb_populate_recordset(NULL::{table}, %s::jsonb))"
    )
    return statement.format(table=identifier(table), keys=keys).as_bytes()
