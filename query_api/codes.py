"""Codes on papers, for scanners and telephones: what is in them, and how they are drawn.

Decides: what a code says of an order or a parcel, and how that is read again. Must not know: which paper it stands on.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import segno
from markupsafe import Markup

from domain.order.number import is_order_number
from domain.order.state import Parcel

BEFORE_PARCEL: Final = "/"
"""Between the number of an order and that of its parcel."""
QUIET_ZONE: Final = 4
"""White modules around a code, as ISO/IEC 18004 asks."""


def parcel_code(number: str, parcel: Parcel) -> str:
    """The tracking number, which the carrier scans too; before there is one `OT-2026-000123-45/2`."""
    return parcel.tracking_number or f"{number}{BEFORE_PARCEL}{parcel.number}"


def order_in(code: str) -> str:
    """The number of the order, where a code names one of its parcels; anything else as it is."""
    number, _, parcel = code.rpartition(BEFORE_PARCEL)
    return number if parcel.isdecimal() and is_order_number(number.upper()) else code


@lru_cache(maxsize=1024)
def qr(text: str) -> Markup:
    """The text as a QR code that stays readable with a seventh of it torn off; an SVG element without style or script.

    Whoever draws it writes the text beside it: a code alone says nothing to people.
    """
    drawn = segno.make_qr(text, error="m").svg_inline(border=QUIET_ZONE, omitsize=True, svgclass="qr", lineclass=None)
    return Markup(drawn.replace("<svg ", '<svg aria-hidden="true" ', 1))  # noqa: S704 - modules as numbers, no text
