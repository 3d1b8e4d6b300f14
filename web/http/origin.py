"""Refuse what other sites let a visitor's browser send (CSRF): by Fetch Metadata, or by Origin."""

from typing import Final

from starlette.datastructures import Headers

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def is_same_origin(method: str, headers: Headers) -> bool:
    """Say whether a request that may change something comes from our own pages.

    Browsers say so in `Sec-Fetch-Site`; older ones send at least `Origin`. A request with neither
    comes from no browser that keeps our cookies apart, so it is refused, too.
    """
    if method in SAFE:
        return True
    if site := headers.get("sec-fetch-site"):
        return site == "same-origin"
    host = headers.get("host")
    return bool(host) and headers.get("origin") in {f"http://{host}", f"https://{host}"}
