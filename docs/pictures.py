"""Make the pictures of the pages: the system with its sample cases, seen by a real Chromium.

`make pictures` runs it. Each picture is a JPEG of less than 150 kB in docs/pictures.
"""

import json
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from tests.support.browser import SWITCHES, require_chromium

FOLDER = Path(__file__).parent / "pictures"
MOST_BYTES = 150_000
SECONDS = 120
SIZE = {"width": 1366, "height": 768}
QUALITY = 72


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def running_system() -> Iterator[dict[str, Any]]:
    """Run everything with its samples in a folder of its own; yield what clients know of it."""
    with tempfile.TemporaryDirectory() as folder:
        ports = {"--port": free_port(), "--temporal-port": free_port(), "--ui-port": free_port()}
        options = [text for name, port in ports.items() for text in (name, str(port))]
        command = [sys.executable, "-m", "cli.main", "up", "--data-dir", folder, *options]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603 - our own
        try:
            yield _wait_for(Path(folder) / "client.json")
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(SECONDS)


def _wait_for(file: Path) -> dict[str, Any]:
    for _ in range(SECONDS):
        if file.exists():
            client: dict[str, Any] = json.loads(file.read_text("utf-8"))
            if client.get("sampled"):
                return client
        time.sleep(1)
    raise TimeoutError(f"the system was not there after {SECONDS} s")


def sign_in(page: Page, client: dict[str, Any], person: str) -> None:
    """Sign a sample person in."""
    page.goto(f"{client['url']}/sign-in")
    page.fill("[autocomplete=username]", person)
    page.fill("[type=password]", client["sample_password"])
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)


def take(page: Page, address: str, name: str) -> None:
    """Take the picture of a page."""
    page.goto(address)
    page.wait_for_load_state("load")
    path = FOLDER / f"{name}.jpg"
    page.screenshot(path=path, type="jpeg", quality=QUALITY)
    size = path.stat().st_size
    print(f"{path.name}: {size:,} bytes")
    if size > MOST_BYTES:
        raise SystemExit(f"{path.name} is larger than {MOST_BYTES:,} bytes")


def main() -> None:
    """Take all pictures."""
    FOLDER.mkdir(exist_ok=True)
    with running_system() as client, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=require_chromium(), args=list(SWITCHES)
        )
        url = client["url"]
        for person, pages in {
            "zhou.hang": {"inbox": "/inbox?view=all", "board": "/board"},
            "ops": {"flow": "/ops/flow/complaint"},
        }.items():
            page = browser.new_context(viewport=SIZE, timezone_id="Asia/Shanghai").new_page()
            sign_in(page, client, person)
            for name, path in pages.items():
                take(page, url + path, name)
            if person == "zhou.hang":
                page.goto(f"{url}/search?q=地板")
                case = page.locator("a[data-open]").first.get_attribute("href")
                take(page, f"{url}{case}", "case")
        browser.close()


if __name__ == "__main__":
    main()
