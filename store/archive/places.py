"""Where an archive can lie: a folder, or a bucket that speaks S3."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from store.errors import WrongUrl

if TYPE_CHECKING:
    from obstore.store import ObjectStore

CONNECTING = timedelta(seconds=5)
ANSWERING = timedelta(seconds=30)
TRYING = timedelta(seconds=15)
TRIES = 3
KNOWN = ("file", "s3")


def beside(database_url: str) -> str:
    """The archive's address where none is given: beside the database's file, else `.banjie`."""
    scheme, _, file = database_url.partition(":///")
    path = Path(file.partition("?")[0]) if scheme.startswith("sqlite") else Path(".banjie/-")
    return (path.absolute().parent / "archive").as_uri()


def check(url: str) -> None:
    """Refuse an address that names no archive.

    Raises:
        WrongUrl
    """
    parts = urlsplit(url)
    named = parts.netloc if parts.scheme == "s3" else not parts.netloc and parts.path[:1] == "/"
    if parts.scheme not in KNOWN or not named:
        raise WrongUrl(
            f"{parts.scheme or 'This'} is no address of an archive: say file:///folder or "
            "s3://bucket/prefix."
        )


def open_place(url: str, *, make: bool) -> "ObjectStore":
    """The place at this address; to write, a folder is made if need be, for its owner alone.

    A bucket's credentials, region and endpoint are the usual settings (`AWS_…`) of the process.

    Raises:
        FileNotFoundError: the folder is not there, and was not to be made.
        OSError: it cannot be made.
    """
    from obstore.store import LocalStore, S3Store  # noqa: PLC0415 — 30 ms that most never need

    parts = urlsplit(url)
    if parts.scheme == "file":
        folder = Path(unquote(parts.path))
        if make:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.stat()
        return LocalStore(folder)
    return S3Store.from_url(
        url,
        client_options={
            "connect_timeout": CONNECTING,
            "timeout": ANSWERING,
            "allow_http": True,  # only an endpoint that says http:// itself is spoken to so
        },
        retry_config={"max_retries": TRIES, "retry_timeout": TRYING},
    )
