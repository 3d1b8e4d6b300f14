"""A real Chromium for tests of pages: found on this machine, started once, a fresh context each.

Playwright brings the driver and no browser. Where none is installed the tests are skipped and say
so; in CI they fail.
"""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import pytest
from playwright.async_api import (
    Browser,
    BrowserContext,
    Page,
    async_playwright,
    expect,
)

from web.http.session import COOKIE
from web.vendor import NODE

VARIABLE: Final = "BANJIE_CHROMIUM"
PROGRAMS: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SWITCHES: Final = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
LOCALE: Final = "zh-CN"
ZONE: Final = "Asia/Shanghai"
WIDTH, HEIGHT = 1366, 768
WAIT_MS: Final = 15_000
"""How long an element may take; a slow machine passes, a missing one is told of soon."""
expect.set_options(timeout=WAIT_MS)
AXE: Final = NODE / "node_modules" / "axe-core" / "axe.min.js"
NONE_HERE: Final = (
    f"no Chromium on this machine: install Debian's chromium, or name one in {VARIABLE}"
)


def find_chromium() -> str | None:
    """Return the program of a Chromium, or None if there is none.

    Raises:
        FileNotFoundError: the variable names what is not there.
    """
    if named := os.environ.get(VARIABLE):
        if not Path(named).is_file():
            raise FileNotFoundError(f"{VARIABLE} names {named}, which is not there")
        return named
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


def require_chromium() -> str:
    """Return the program of a Chromium; without one the test is skipped, and fails in CI."""
    program = find_chromium()
    if program is None and os.environ.get("CI") == "true":
        pytest.fail(NONE_HERE, pytrace=False)
    if program is None:
        pytest.skip(NONE_HERE)
    return program


@asynccontextmanager
async def running_chromium() -> AsyncIterator[Browser]:
    """Yield a running Chromium; it is closed afterwards."""
    program = require_chromium()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=list(SWITCHES))
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def browser_context(
    browser: Browser, base_url: str, *, locale: str = LOCALE, width: int = WIDTH
) -> AsyncIterator[BrowserContext]:
    """Yield a context of its own: its cookies, its storage, its windows; nobody is logged in."""
    context = await browser.new_context(
        base_url=base_url,
        locale=locale,
        timezone_id=ZONE,
        viewport={"width": width, "height": HEIGHT},
    )
    context.set_default_timeout(WAIT_MS)
    try:
        yield context
    finally:
        await context.close()


def note_faults(page: Page) -> list[str]:
    """Return a list that fills with what the page complains of: script errors, policy, lost files.

    An answer of 4xx that a test provokes is in it, too; leave out what is meant.
    """
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(f"script: {error.message}"))
    page.on(
        "console",
        lambda said: faults.append(f"console: {said.text}") if said.type == "error" else None,
    )
    return faults


async def log_in(context: BrowserContext, address: str, token: str) -> None:
    """Give the context the cookie of a session, with what the browser asks of its name."""
    await context.add_cookies(
        [
            {
                "name": COOKIE,
                "value": token,
                "domain": urlsplit(address).hostname or "",
                "path": "/",
                "secure": True,
                "httpOnly": True,
                "sameSite": "Lax",
            }
        ]
    )


async def renew(page: Page, number: str) -> None:
    """Let the parts of a case's page come anew, as the live stream does when something changed."""
    await page.evaluate(f"htmx.ajax('GET', '/cases/{number}/parts', {{swap: 'none'}})")


async def accessibility_faults(page: Page) -> list[str]:
    """Return what axe-core calls serious or critical on the page as it is, element by element."""
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    found = await page.evaluate("axe.run({resultTypes: ['violations']})")
    return [
        f"{fault['id']}: {element['html']}"
        for fault in found["violations"]
        if fault["impact"] in ("serious", "critical")
        for element in fault["nodes"]
    ]
