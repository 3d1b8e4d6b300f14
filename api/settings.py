"""The API's settings, from the environment (`BANJIE_…`)."""

import secrets
from datetime import timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, field_validator

from policies.documents import DEFAULT, policies
from store.archive import default_archive_url
from temporal.connection_settings import ConnectionSettings


def _drawn() -> SecretStr:
    return SecretStr(secrets.token_urlsafe(32))


class ApiSettings(ConnectionSettings):
    """Where the API listens and finds its servers.

    `secret` signs page cursors; if it is not set, each process draws its own, and a cursor is valid
    as long as that process lives. `zone` is the business zone: case numbers carry its date.
    `policy` is the version that new cases get; existing ones keep theirs. `archive_url` is where
    finished runs are archived (`file:///…`, `s3://…`); the default is beside the database's file.
    A response waits `patience` seconds for the record before it is 202.
    """

    database_url: str = "sqlite+aiosqlite:///.banjie/banjie.db"
    temporal_target: str = "127.0.0.1:7233"
    temporal_namespace: str = "default"
    task_queue: str = "cases"
    api_host: str = "127.0.0.1"
    api_port: int = 8080
    zone: str = "Asia/Shanghai"
    policy: str = DEFAULT
    archive_url: str = ""
    secret: SecretStr = Field(default_factory=_drawn)
    patience: float = Field(2, gt=0)

    @field_validator("zone")
    @classmethod
    def _known(cls, zone: str) -> str:
        try:
            return ZoneInfo(zone).key
        except ZoneInfoNotFoundError:
            raise ValueError("there is no such time zone") from None

    @field_validator("policy")
    @classmethod
    def _published(cls, policy: str) -> str:
        if policy not in policies():
            raise ValueError(f"there is no such policy; choose one of {', '.join(policies())}")
        return policy

    @property
    def archive(self) -> str:
        """The URL of the archive of finished runs."""
        return self.archive_url or default_archive_url(self.database_url)

    @property
    def record_timeout(self) -> timedelta:
        """How long a response waits for the record."""
        return timedelta(seconds=self.patience)

    @property
    def business_zone(self) -> ZoneInfo:
        """The business zone."""
        return ZoneInfo(self.zone)
