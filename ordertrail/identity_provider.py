"""The company's identity provider: its keys, fetched again and again, so that new ones work and withdrawn ones end.

Decides: when keys are fetched, and that nothing but https is trusted for it. Must not know: what a token says.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import httpx
import jwt

from web.fetching import FETCH_S, fetched

if TYPE_CHECKING:
    from web.tokens import Rules, Tokens

logger = logging.getLogger(__name__)

REFRESH_S: Final = 600.0
PAUSE_S: Final = 10.0
"""Unknown keys are asked for at most so often: anybody can send a token with a key of their own."""


class IdentityProvider:
    """Keeps `tokens` at the keys that are published at `url`; `rules` say what else is demanded of a token."""

    def __init__(self, url: str, rules: Rules, transport: httpx.AsyncBaseTransport | None = None) -> None:
        if not url.startswith("https://"):
            raise ValueError("whoever can change the keys can be anybody: they come by https")
        self._url = url
        self.rules = rules
        self._transport = transport
        self._asked_at = float("-inf")
        self._asking = asyncio.Lock()

    async def refresh(self, tokens: Tokens) -> None:
        """Fetch the keys unless that was done a moment ago; those known stay while they cannot be fetched."""
        async with self._asking:
            if asyncio.get_running_loop().time() - self._asked_at < PAUSE_S:
                return
            try:
                tokens.replace_keys(replace(self.rules, keys=await self._fetched()))
            except (httpx.HTTPError, TimeoutError, ValueError, jwt.PyJWTError) as error:
                logger.warning("the identity provider's keys cannot be fetched: %s", type(error).__name__)

    async def keep(self, tokens: Tokens) -> None:
        """Refresh the keys every ten minutes; never returns."""
        while True:
            await asyncio.sleep(REFRESH_S)
            await self.refresh(tokens)

    async def _fetched(self) -> str:
        self._asked_at = asyncio.get_running_loop().time()
        async with httpx.AsyncClient(transport=self._transport, timeout=FETCH_S) as client:
            keys = await fetched(client, client.build_request("GET", self._url))
        jwt.PyJWKSet.from_json(keys.decode())
        return keys.decode()
