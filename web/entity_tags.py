"""Entity tags (RFC 9110, 8.8.3): the stream's version first, then whatever else a document depends on.

Decides: how a tag is written, what of it a command expects, and whether a caller has a document already. Must not know:
which document.
"""

from __future__ import annotations

import re
from typing import Final

from starlette.datastructures import Headers

VERSIONED: Final = re.compile(r'"(\d{1,18})(?:-\d{1,9}-[a-z-]{1,40})?"')
"""A tag of ours: as commands give it, or as a document of a view's version for a role."""
GIVEN: Final = re.compile(r'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')
"""A tag in a list: what is weak about it plays no part in If-None-Match."""


def entity_tag(version: int) -> str:
    """Of a stream at a version."""
    return f'"{version}"'


def document_tag(version: int, view_version: int, reader: str) -> str:
    """Of what a role reads of a stream at a version, in a view of this version: `"21-4-sales"`."""
    return f'"{version}-{view_version}-{reader}"'


def version_of(tag: str) -> int | None:
    """The stream's version in one of our tags; None for any other text."""
    found = VERSIONED.fullmatch(tag)
    return int(found[1]) if found else None


def is_there_already(headers: Headers, tag: str) -> bool:
    """Whether the caller has the document of this tag, by its If-None-Match (RFC 9110, 13.1.2)."""
    given = ",".join(headers.getlist("if-none-match"))
    return given.strip() == "*" or tag in GIVEN.findall(given)
