"""The one place where the HTTP edge reads the clock. Everything below gets instants as values."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """This instant, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - this is the edge that the rule speaks of
