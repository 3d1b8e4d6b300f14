"""The API's settings, from the environment (`BANJIE_…`)."""

import secrets
from datetime import timedelta
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


def _drawn() -> SecretStr:
    return SecretStr(secrets.token_urlsafe(32))


class ApiSettings(BaseSettings):
    """Where the API listens and finds its servers.

    `secret` signs page cursors; drawn anew per process if it is not set, so that a cursor then
    lives as long as the process. `zone` is the business zone: case numbers carry its date.
    `patience` is how many seconds a caller waits for the record before the answer is 202.
    """

    model_config = SettingsConfigDict(env_prefix="BANJIE_")

    database_url: str = "sqlite+aiosqlite:///.banjie/banjie.db"
    temporal_target: str = "127.0.0.1:7233"
    temporal_namespace: str = "default"
    task_queue: str = "cases"
    api_host: str = "127.0.0.1"
    api_port: int = 8080
    zone: str = "Asia/Shanghai"
    secret: SecretStr = Field(default_factory=_drawn)
    patience: float = Field(2, gt=0)

    @field_validator("zone")
    @classmethod
    def _known(cls, zone: str) -> str:
        return ZoneInfo(zone).key

    @property
    def until_recorded(self) -> timedelta:
        """How long an answer waits for the record."""
        return timedelta(seconds=self.patience)

    @property
    def business_zone(self) -> ZoneInfo:
        """The zone in which the business reads its clock."""
        return ZoneInfo(self.zone)
