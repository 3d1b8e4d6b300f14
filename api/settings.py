"""The API's settings, from the environment (`BANJIE_…`)."""

import secrets
from datetime import timedelta
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, field_validator

from policies.documents import DEFAULT, policies
from runtime.message import Message
from runtime.settings import Port, Positive, Zone
from store.settings import StoreSettings
from temporal.connection_settings import ConnectionSettings


def _drawn() -> SecretStr:
    return SecretStr(secrets.token_urlsafe(32))


class ApiSettings(StoreSettings, ConnectionSettings):
    """Where the API listens and finds its servers.

    `secret` signs page cursors; if it is not set, each process draws its own, and a cursor is valid
    as long as that process lives. `zone` is the business zone: case numbers carry its date.
    `policy` is the version that new cases get; existing ones keep theirs. A response waits
    `patience` seconds for the record before it is 202.
    """

    api_host: str = "127.0.0.1"
    api_port: Port = 8080
    zone: Zone = "Asia/Shanghai"
    policy: str = DEFAULT
    secret: SecretStr = Field(default_factory=_drawn)
    patience: Positive = 2

    @field_validator("policy")
    @classmethod
    def _published(cls, policy: str) -> str:
        if policy not in policies():
            known = [*policies()]
            raise ValueError(
                Message("there is no such policy; choose one of %(known)s", known=known)
            )
        return policy

    @property
    def record_timeout(self) -> timedelta:
        """How long a response waits for the record."""
        return timedelta(seconds=self.patience)

    @property
    def business_zone(self) -> ZoneInfo:
        """The business zone."""
        return ZoneInfo(self.zone)
