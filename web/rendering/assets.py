"""The files that pages load: kept in memory, named by their content, compressed once."""

import gzip
import hashlib
import mimetypes
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

FOLDER: Final = Path(__file__).parent.parent / "static"
NEEDED: Final = ("vendor/htmx.min.js", "vendor/tabler.min.css")
"""Files that the set-up brings; without them no page works."""
COMPRESSED: Final = frozenset({".css", ".js", ".svg", ".json", ".txt"})
FOREVER: Final = "public, max-age=31536000, immutable"
PREFIX: Final = "/static"


class AssetsMissing(Exception):
    """The files that the set-up brings are not there."""


@dataclass(frozen=True)
class Asset:
    """A file: its bytes, and its type as HTTP names it."""

    body: bytes
    media_type: str
    compressible: bool

    @cached_property
    def compressed(self) -> bytes:
        """The bytes, compressed by gzip."""
        return gzip.compress(self.body, compresslevel=9, mtime=0)


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
        body = asset.body
        if asset.compressible and "gzip" in request.headers.get("accept-encoding", ""):
            body, headers["Content-Encoding"] = asset.compressed, "gzip"
        return Response(body, media_type=asset.media_type, headers=headers)


def _read(folder: Path) -> Iterator[tuple[str, Asset]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.startswith("."):
            guessed = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            # What the machine's own table says of scripts differs; browsers insist.
            media_type = "text/javascript" if path.suffix == ".js" else guessed
            asset = Asset(path.read_bytes(), media_type, path.suffix in COMPRESSED)
            yield path.relative_to(folder).as_posix(), asset


def _version(files: Mapping[str, Asset]) -> str:
    digest = hashlib.sha256()
    for name, asset in sorted(files.items()):
        digest.update(f"{name}\0{len(asset.body)}\0".encode())
        digest.update(asset.body)
    return digest.hexdigest()[:16]
