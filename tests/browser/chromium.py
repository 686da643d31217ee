"""The headless Chromium at work. Nothing in it is the machine's own: libraries and the only font are what was fetched."""

import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path
from string import Template
from typing import Final

from playwright.async_api import Browser, async_playwright

from tests.browser import packages

FONTS: Final = Template(
    '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">'
    "<fontconfig><dir>$fonts</dir><cachedir>$cache</cachedir></fontconfig>"
)


@contextlib.asynccontextmanager
async def running(parts: packages.Parts, home: Path) -> AsyncIterator[Browser]:
    """It keeps what it has to keep in `home`."""
    fonts = home / "fonts.conf"
    fonts.write_text(FONTS.substitute(fonts=parts.font.parent, cache=home / "fonts"))
    environment: dict[str, str | float | bool] = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "LD_LIBRARY_PATH": str(parts.libraries),
        "FONTCONFIG_FILE": str(fonts),
    }
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=parts.program, args=["--disable-gpu"], env=environment)
        try:
            yield browser
        finally:
            await browser.close()
