"""`python -m store.migrations`: bring the tables of BANJIE_DATABASE_URL up to date, then end."""

import logging
import os
import sys

from store.errors import StoreDown, WrongUrl
from store.migrations import upgrade

USAGE, UNAVAILABLE = 2, 5

log = logging.getLogger("banjie.migrations")


def main() -> int:
    """Run the migrations and return the exit code."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO)
    url = os.environ.get("BANJIE_DATABASE_URL")
    if not url:
        log.error("Say which database in BANJIE_DATABASE_URL.")
        return USAGE
    try:
        upgrade(url)
    except WrongUrl as error:
        log.error("%s", error)  # noqa: TRY400 — the sentence says it all; a traceback adds nothing
        return USAGE
    except StoreDown as error:
        log.error("%s", error)  # noqa: TRY400 — as above
        return UNAVAILABLE
    log.info("The tables are up to date.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
