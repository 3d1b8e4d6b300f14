"""The settings of whatever opens the store or the archive."""

from typing import Annotated

from runtime.settings import ProcessSettings, checked
from store.archive.storage import check_archive_url, default_archive_url
from store.db.engine import check_database_url

DatabaseUrl = Annotated[str, checked(check_database_url)]
ArchiveUrl = Annotated[str, checked(lambda url: check_archive_url(url) if url else None)]


class DatabaseSettings(ProcessSettings):
    """Where the store's database is; it must be said."""

    database_url: DatabaseUrl


class StoreSettings(ProcessSettings):
    """Where the store and its archive are.

    `archive_url` is where finished runs are kept (`file:///…`, `s3://…`); the default is beside the
    database's file.
    """

    database_url: DatabaseUrl = "sqlite+aiosqlite:///.banjie/banjie.db"
    archive_url: ArchiveUrl = ""

    @property
    def archive(self) -> str:
        """The URL of the archive of finished runs."""
        return self.archive_url or default_archive_url(self.database_url)
