"""The files that pages load: kept in memory, named by their content, compressed once."""

import asyncio
import gzip
import hashlib
import mimetypes
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import brotli
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

FOLDER: Final = Path(__file__).parent.parent / "static"
NEEDED: Final = ("vendor/htmx.min.js", "vendor/tabler.min.css")
"""Files that the set-up brings; without them no page works."""
COMPRESSED: Final = frozenset({".css", ".js", ".svg", ".json", ".txt"})
FOREVER: Final = "public, max-age=31536000, immutable"
PREFIX: Final = "/static"
CODINGS: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "br": lambda body: brotli.compress(body, mode=brotli.MODE_TEXT),
    "gzip": lambda body: gzip.compress(body, compresslevel=9, mtime=0),
}
"""How a file may be compressed, by the name that HTTP has for it; what is smallest first."""
REFUSED: Final = ("q=0", "q=0.0", "q=0.00", "q=0.000")


OWN_SCRIPTS: Final = "js/"
COMMENT: Final = re.compile(
    rb"^[ \t]*(?://[^\n]*|/\*\*(?:(?!\*/).)*\*/)[ \t]*$", re.MULTILINE | re.DOTALL
)
"""Whole lines of a script that say something to its readers: a quarter of what ours would weigh."""


class AssetsMissing(Exception):
    """The files that the set-up brings are not there."""


@dataclass(frozen=True)
class Asset:
    """A file: its bytes, and its type as HTTP names it."""

    body: bytes
    media_type: str
    compressible: bool
    _compressed: dict[str, bytes] = field(default_factory=dict, compare=False)

    async def encoded(self, accepted: str) -> tuple[bytes, str | None]:
        """Return the bytes as whoever accepts these codings has them smallest, and the coding.

        A file is compressed when it is first asked for, beside what else is served.
        """
        asked = dict(map(_coding, accepted.split(",")))
        wanted = {name for name, weight in asked.items() if weight not in REFUSED}
        coding = next((name for name in CODINGS if name in wanted), None)
        if coding is None or not self.compressible:
            return self.body, None
        if coding not in self._compressed:
            self._compressed[coding] = await asyncio.to_thread(CODINGS[coding], self.body)
        return self._compressed[coding], coding


class Assets:
    """All files, by path. They have one version together, so that scripts import each other."""

    def __init__(self, folder: Path = FOLDER) -> None:
        """Read the files.

        Raises:
            AssetsMissing: the set-up has not brought those of others.
        """
        self._files = dict(_read(folder))
        missing = [name for name in NEEDED if name not in self._files]
        if missing:
            raise AssetsMissing(f"{', '.join(missing)} are missing: run `make setup`.")
        self.version = _version(self._files)

    def url(self, path: str) -> str:
        """Return the address of a file.

        Raises:
            KeyError: there is no such file.
        """
        if path not in self._files:
            raise KeyError(path)
        return f"{PREFIX}/{self.version}/{path}"

    async def serve(self, request: Request) -> Response:
        """Return a file; an address with another version is answered with the file of today."""
        asset = self._files.get(request.path_params["path"])
        if asset is None:
            return PlainTextResponse("There is no such file.", 404)
        is_current = request.path_params["version"] == self.version
        keep = FOREVER if is_current else "no-cache"
        headers = {"Cache-Control": keep, "Vary": "Accept-Encoding"}
        body, coding = await asset.encoded(request.headers.get("accept-encoding", ""))
        if coding is not None:
            headers["Content-Encoding"] = coding
        return Response(body, media_type=asset.media_type, headers=headers)


def _coding(asked: str) -> tuple[str, str]:
    """Return a coding of a list of those that are accepted, and what is said of it."""
    name, _, weight = asked.partition(";")
    return name.strip().lower(), weight.replace(" ", "").lower()


def _read(folder: Path) -> Iterator[tuple[str, Asset]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.startswith("."):
            guessed = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            # What the machine's own table says of scripts differs; browsers insist.
            media_type = "text/javascript" if path.suffix == ".js" else guessed
            name, body = path.relative_to(folder).as_posix(), path.read_bytes()
            if name.startswith(OWN_SCRIPTS):
                body = COMMENT.sub(_empty_lines, body)
            yield name, Asset(body, media_type, path.suffix in COMPRESSED)


def _empty_lines(comment: re.Match[bytes]) -> bytes:
    """Return as many lines as it had: what fails names the line of the file."""
    return b"\n" * comment.group().count(b"\n")


def _version(files: Mapping[str, Asset]) -> str:
    digest = hashlib.sha256()
    for name, asset in sorted(files.items()):
        digest.update(f"{name}\0{len(asset.body)}\0".encode())
        digest.update(asset.body)
    return digest.hexdigest()[:16]
