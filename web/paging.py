"""Pages of long lists: opaque cursors and Link headers (RFC 8288).

Decides: how a place in a sorted list is written down. Must not know: which list, how it is read.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Final, TypeAlias
from urllib.parse import quote

import orjson
from starlette.requests import Request

from web.problems import fault, invalid

DEFAULT_PAGE: Final = 50
LARGEST_PAGE: Final = 500
LONGEST_CURSOR: Final = 1_000

Key: TypeAlias = str | int | None
"""One value of a sort key. A cursor is the key of the last row that was given."""


def encode_cursor(*key: Key) -> str:
    """A row's sort key as a cursor."""
    return base64.urlsafe_b64encode(orjson.dumps(key)).rstrip(b"=").decode()


def decode_cursor(cursor: str, shape: Sequence[type]) -> tuple[Key, ...]:
    """The sort key in a cursor, with values of these types; `Problem` 422 if it is not one of ours."""
    if len(cursor) > LONGEST_CURSOR:
        raise _foreign()
    try:
        key = orjson.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (ValueError, binascii.Error):
        raise _foreign() from None
    if not isinstance(key, list) or [type(value) for value in key] != list(shape):
        raise _foreign()
    return tuple(key)


def next_link(request: Request, cursor: str | None) -> dict[str, str]:
    """The Link header to the next page of the same list; empty on the last page."""
    if cursor is None:
        return {}
    url = request.url.include_query_params(cursor=cursor)
    return {"Link": f'<{quote(url.path)}?{url.query}>; rel="next"'}


def _foreign() -> Exception:
    return invalid(fault(["cursor"], "not a cursor that a page of this list has given"))
