"""What is kept or handed out so that only this company's processes can read it.

Decides: the cipher, and that a purpose's words are good for no other one. The key is derived from the one in the data
directory, so that who reads the database alone reads nothing. Must not know: what is sealed.
"""

from __future__ import annotations

import base64
import hmac
from datetime import timedelta

from cryptography.fernet import Fernet, InvalidToken


class Sealer:
    """Seals and opens for one purpose. `secret` is the one of the forms (`tokens.form_secret`)."""

    def __init__(self, secret: bytes, purpose: str) -> None:
        key = hmac.digest(secret, f"seal {purpose}".encode(), "sha256")
        self._cipher = Fernet(base64.urlsafe_b64encode(key))

    def close(self, text: str) -> str:
        """The text, to be read by nobody else."""
        return self._cipher.encrypt(text.encode()).decode()

    def open(self, closed: str, lifetime: timedelta | None = None) -> str | None:
        """What was sealed; None where it was not by us, for something else, or before `lifetime`."""
        seconds = None if lifetime is None else int(lifetime.total_seconds())
        try:
            return self._cipher.decrypt(closed.encode(errors="replace"), seconds).decode()
        except InvalidToken:
            return None
