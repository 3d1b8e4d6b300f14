"""The API's settings, from the environment (`BANJIE_…`)."""

import secrets
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from pydantic import Field, HttpUrl, SecretStr, field_validator

from app.order_source import TIMEOUT, HttpOrders, OrderSource
from ops.audit import checkpoint_store
from policies.documents import DEFAULT, policies
from runtime.message import Message
from runtime.settings import Port, Positive, Zone
from store.attachments.contents import default_attachments_url
from store.settings import ArchiveUrl, StoreSettings
from store.sign_in.records import SessionLimits
from temporal.connection_settings import ConnectionSettings

LONGEST_SESSION: Final = 30 * 24
"""In hours."""
MOST_PATIENCE: Final = 60
"""In seconds."""
MOST_IDLE: Final = LONGEST_SESSION * 60
"""In minutes."""


def _drawn() -> SecretStr:
    return SecretStr(secrets.token_urlsafe(32))


class ApiSettings(StoreSettings, ConnectionSettings):
    """Where the API listens and finds its servers.

    `secret` signs page cursors; if it is not set, each process draws its own, and a cursor is valid
    as long as that process lives. `zone` is the business zone: case numbers carry its date.
    `policy` is the version that new cases get; existing ones keep theirs. A response waits
    `patience` seconds for the record before it is 202. `audit_public_key` is the file with the
    public keys of the audit log's checkpoints, which lie at `checkpoints_url`, else beside the
    archive: with them the pages for operators verify and prove. Who is signed in at a page is
    signed out `session_idle` minutes after the last use, and `session_lifetime` hours after signing
    in. With `orders_url` orders are looked up in another system, `orders_timeout` seconds at most.
    Attachments lie at `attachments_url`, else beside the archive.
    """

    api_host: str = "127.0.0.1"
    api_port: Port = 8080
    zone: Zone = "Asia/Shanghai"
    policy: str = DEFAULT
    secret: SecretStr = Field(default_factory=_drawn)
    patience: Positive = 2
    audit_public_key: Path | None = None
    checkpoints_url: ArchiveUrl = ""
    session_idle: Annotated[float, Field(gt=0, le=MOST_IDLE)] = 120
    session_lifetime: Annotated[float, Field(gt=0, le=LONGEST_SESSION)] = 12
    attachments_url: ArchiveUrl = ""
    orders_url: HttpUrl | None = None
    orders_token: SecretStr = SecretStr("")
    orders_timeout: Annotated[float, Field(gt=0, le=MOST_PATIENCE)] = TIMEOUT

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
    def checkpoints(self) -> str:
        """Where the audit log's checkpoints are written."""
        return self.checkpoints_url or checkpoint_store.default_checkpoints_url(self.database_url)

    @property
    def attachments(self) -> str:
        """The URL of the attachments."""
        return self.attachments_url or default_attachments_url(self.database_url)

    @property
    def session_limits(self) -> SessionLimits:
        """How long a person stays signed in."""
        idle, lifetime = (
            timedelta(minutes=self.session_idle),
            timedelta(hours=self.session_lifetime),
        )
        return SessionLimits(idle, lifetime)

    @property
    def order_source(self) -> OrderSource | None:
        """Where orders are looked up; None for the store."""
        if self.orders_url is None:
            return None
        token = self.orders_token.get_secret_value() or None
        return HttpOrders(str(self.orders_url), token, self.orders_timeout)

    @property
    def business_zone(self) -> ZoneInfo:
        """The business zone."""
        return ZoneInfo(self.zone)
