"""The headers of a file that somebody else made, as it is given out: to be saved, never run."""

from collections.abc import Mapping
from urllib.parse import quote


def download_headers(name: str) -> Mapping[str, str]:
    """Return the headers with which a browser saves a file and does nothing else with it."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._- ") else "_" for c in name)
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    return {
        "Content-Disposition": disposition,
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "private, no-store",
    }
