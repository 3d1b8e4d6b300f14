"""PostgreSQL by TLS, as its address says: `?ssl=require`, or `?ssl=verify-full&sslrootcert=…`."""

import ssl
from typing import Any

from sqlalchemy import URL

from store.errors import WrongUrl

VERIFYING = {"verify-ca": False, "verify-full": True}
"""Modes that check the server's certificate, and whether its name is checked, too."""


def secured(url: URL) -> tuple[URL, dict[str, Any]]:
    """The address for the driver, and how it is to verify the server.

    The certificates to trust are those in `sslrootcert`, else the machine's. The driver itself
    would look for them in the user's home, and knows no such word in an address of ours.

    Raises:
        WrongUrl: the file cannot be read, or nothing says that it is to be used.
    """
    mode, root = url.query.get("ssl"), url.query.get("sslrootcert")
    if mode not in VERIFYING:
        if root is not None:
            raise WrongUrl("In the database's address, sslrootcert needs ssl=verify-full.")
        return url, {}
    try:
        context = ssl.create_default_context(cafile=str(root) if root else None)
    except OSError:
        raise WrongUrl("The file that sslrootcert names holds no certificates.") from None
    context.check_hostname = VERIFYING[str(mode)]
    return url.difference_update_query(["ssl", "sslrootcert"]), {"ssl": context}
