"""The settings of the worker and of the dispatcher, from the environment (`BANJIE_…`)."""

import re
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import Field, HttpUrl, SecretStr, ValidationInfo, field_validator

from ops.audit import checkpoint_store
from runtime.message import Message
from runtime.settings import Address, Name, Positive, Zone
from store.settings import ArchiveUrl, StoreSettings
from temporal.connection_settings import ConnectionSettings

NOBODY = "nobody"
"""Set for an outside system where none is connected."""
BUILD_ID = "banjie-0.1.0"
SECRET = re.compile(r"whsec_(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2,3}={0,2})?")


class DispatcherSettings(StoreSettings):
    """Where notices are posted. Without `webhook_url` they are kept, to be read through the API.

    `webhook_secret` signs them (`whsec_…`); several, separated by blanks, while one is replaced.
    Addresses within our own network are refused unless `webhook_allow_private` is set. `metrics` is
    where `/metrics` is served, `host:port`.
    """

    metrics: Address | None = None
    webhook_url: HttpUrl | None = None
    webhook_secret: SecretStr = Field(SecretStr(""), validate_default=True)
    webhook_allow_private: bool = False

    @property
    def webhook_secrets(self) -> list[str]:
        """The secrets that sign."""
        return self.webhook_secret.get_secret_value().split()

    def configuration(self) -> dict[str, str]:
        """Return whom messages go to, in a word."""
        return {"messages": "webhook" if self.webhook_url else NOBODY}

    @field_validator("webhook_secret")
    @classmethod
    def _signed(cls, secret: SecretStr, info: ValidationInfo) -> SecretStr:
        secrets = secret.get_secret_value().split()
        if info.data.get("webhook_url") and not secrets:
            raise ValueError(Message("BANJIE_WEBHOOK_URL needs it: all is signed"))
        if not all(SECRET.fullmatch(each) for each in secrets):
            raise ValueError(Message("it is not whsec_ followed by base64"))
        return secret


class WorkerSettings(DispatcherSettings, ConnectionSettings):
    """Which servers the worker uses, and how much it does at once.

    Args:
        cache_mib: bounds the memory for cases that are kept ready.
        drain: how long a stopping worker lets activities finish, in seconds.
        payments_url, courier_url: without them, local orders stand in.
        audit_key: the file of the private key that signs the audit log's checkpoints; without it
            none are made.
        checkpoint_minutes, checkpoint_rows: a checkpoint is made after so many minutes, or as soon
            as so many rows wait.
        checkpoints_url: where checkpoints are written, else beside the archive.
        dispatch: whether this worker also delivers the outbox.
        zone: the business zone: case numbers carry its date.
        deployment: the name under which Temporal keeps the worker's versions apart; without it
            there are no versions.
        build_id: this version of the worker.
    """

    workflow_tasks: int = Field(8, ge=1)
    activities: int = Field(8, ge=1)
    cache_mib: int = Field(128, ge=0)
    drain: float = Field(10, ge=0, allow_inf_nan=False)
    payments_url: HttpUrl | None = None
    payments_token: SecretStr = SecretStr("")
    courier_url: HttpUrl | None = None
    courier_token: SecretStr = SecretStr("")
    audit_key: Path | None = None
    checkpoints_url: ArchiveUrl = ""
    checkpoint_minutes: Positive = 10
    checkpoint_rows: int = Field(1000, ge=1)
    dispatch: bool = True
    zone: Zone = "Asia/Shanghai"
    deployment: Name | None = None
    build_id: Name = BUILD_ID

    def configuration(self) -> dict[str, str]:
        """Return who is connected for messages, payments and the courier, in a word each."""
        orders = {"payments": self.payments_url, "courier": self.courier_url}
        messages = super().configuration() if self.dispatch else {}
        return messages | {what: "http" if url else NOBODY for what, url in orders.items()}

    @property
    def business_zone(self) -> ZoneInfo:
        """The zone in which the business reads its clock."""
        return ZoneInfo(self.zone)

    @property
    def checkpoints(self) -> str:
        """Where the audit log's checkpoints are written."""
        return self.checkpoints_url or checkpoint_store.default_checkpoints_url(self.database_url)
