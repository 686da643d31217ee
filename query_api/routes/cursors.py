"""The cursors of our lists, turned back into sort keys.

Must not know: which list is read.
"""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from web.paging import decode_cursor
from web.problems import Problem, fault, invalid


def instant_and_id(cursor: str) -> tuple[datetime, UUID]:
    """Sort key of lists by time; `Problem` 422 for a cursor of another list."""
    at, name = decode_cursor(cursor, (str, str))
    return _instant(at), _id(name)


def priority_instant_and_id(cursor: str) -> tuple[int, datetime, UUID]:
    """Sort key of boards; `Problem` 422 for a cursor of another list."""
    priority, at, name = decode_cursor(cursor, (int, str, str))
    if not isinstance(priority, int) or not 0 <= priority <= 9:  # noqa: PLR2004 - the bounds of `values.Priority`
        raise _foreign()
    return priority, _instant(at), _id(name)


def search_place(cursor: str) -> tuple[bool, int, UUID]:
    """Place among hits of a search; `Problem` 422 for a cursor of another list."""
    last, place, name = decode_cursor(cursor, (int, int, str))
    if last not in {0, 1} or not isinstance(place, int) or not -(2**63) <= place < 2**63:
        raise _foreign()
    return bool(last), place, _id(name)


def sku_and_location(cursor: str) -> tuple[str, str]:
    """Sort key of stock; `Problem` 422 for a cursor of another list."""
    return _place(*decode_cursor(cursor, (str, str)))


def _place(sku: object, location: object) -> tuple[str, str]:
    if not f"{sku}{location}".isprintable():
        raise _foreign()
    return str(sku), str(location)


def instant_sku_and_location(cursor: str) -> tuple[datetime, str, str]:
    """Sort key of stock that orders wait for; `Problem` 422 for a cursor of another list."""
    at, sku, location = decode_cursor(cursor, (str, str, str))
    return _instant(at), *_place(sku, location)


def text_and_id(cursor: str) -> tuple[str, str]:
    """Sort key of lists by name; `Problem` 422 for a cursor of another list."""
    text, name = decode_cursor(cursor, (str, str))
    return str(text), str(_id(name))


def version_only(cursor: str) -> int:
    """Sort key of a timeline; `Problem` 422 for a cursor of another list."""
    (version,) = decode_cursor(cursor, (int,))
    if not isinstance(version, int) or not 0 <= version < 2**31:
        raise _foreign()
    return version


def _instant(text: object) -> datetime:
    try:
        at = datetime.fromisoformat(str(text))
        if at.tzinfo is None:
            raise _foreign()
        return at.astimezone(UTC)
    except (ValueError, OverflowError):  # no instant, or one before or after all years
        raise _foreign() from None


def _id(text: object) -> UUID:
    try:
        return UUID(str(text))
    except ValueError:
        raise _foreign() from None


def _foreign() -> Problem:
    return invalid(fault(["cursor"], "not a cursor that a page of this list has given"))
