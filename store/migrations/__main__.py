"""`python -m store.migrations`: bring the tables of BANJIE_DATABASE_URL up to date, then end."""

import logging
import sys

from runtime.process import run_process
from store.errors import StoreDown
from store.migrations import upgrade_at
from store.settings import DatabaseSettings

log = logging.getLogger("banjie.migrations")


async def migrate(settings: DatabaseSettings) -> None:
    """Bring the tables up to date.

    Raises:
        WrongUrl, StoreDown, MigrationFailed
    """
    await upgrade_at(settings.database_url)
    log.info("the tables are up to date")


def main() -> int:
    """Run the migrations and return the exit code."""
    return run_process("migrations", DatabaseSettings, migrate, (StoreDown,))


if __name__ == "__main__":
    sys.exit(main())
