"""Who the company is to those who read its pages: its name, how it is reached, its logo, its clocks.

Must not know: where that is set.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, tzinfo
from functools import cached_property


@dataclass(frozen=True)
class Logo:
    """A picture that stands before the company's name."""

    content: bytes
    media_type: str

    @cached_property
    def address(self) -> str:
        """Where pages find it; another picture has another address, so that browsers may keep it."""
        return f"/logo?v={hashlib.sha256(self.content).hexdigest()[:12]}"


@dataclass(frozen=True, slots=True)
class CompanyCard:
    """What the company says of itself; an empty text says nothing."""

    name: str
    address: str = ""
    phone: str = ""
    email: str = ""
    hours: str = ""
    """When somebody answers the telephone."""
    zone: tzinfo = UTC
    logo: Logo | None = None

    @property
    def can_be_reached(self) -> bool:
        """Whether a customer learns how."""
        return any((self.address, self.phone, self.email, self.hours))
