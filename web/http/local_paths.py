"""Where a page may send its visitor next: a path of our own, never another site."""

import re

LOCAL = re.compile(r"/(?![/\\])[\x21-\x7e]*", re.ASCII)


def local_path(wanted: str | None, otherwise: str) -> str:
    """Return the path if it is one of ours, else the other; `//host` is another site."""
    is_ours = wanted and LOCAL.fullmatch(wanted) and "\\" not in wanted
    return wanted if wanted and is_ours else otherwise
