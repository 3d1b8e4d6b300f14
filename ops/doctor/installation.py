"""An installation as its settings describe it, and all that is looked at in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ops.doctor import archive, audit_log, database, places, settings, temporal
from ops.doctor.findings import Check
from temporal.connection_settings import ConnectionSettings
from temporal.names import TASK_QUEUE


@dataclass(frozen=True)
class Installation:
    """Where everything is; `None` is what is not configured. `url` is the API's address.

    `own_key` is where `banjie up` makes the key that signs the audit log, if it does.
    """

    database_url: str
    target: str
    archive_url: str
    checkpoints_url: str
    build_id: str
    namespace: str = "default"
    task_queue: str = TASK_QUEUE
    tenant: str = "default"
    audit_key: Path | None = None
    own_key: Path | None = None
    url: str | None = None
    secret: bool = True
    webhooks: bool = False
    payments: bool = False
    couriers: bool = False
    connection: ConnectionSettings | None = None

    @property
    def file(self) -> Path | None:
        """SQLite's file."""
        return database.file_of(self.database_url)

    def checks(self) -> Mapping[str, Check]:
        """What is looked at, by name."""
        return {
            "settings": lambda: settings.look(
                settings.Given(
                    self.database_url, self.secret, self.webhooks, self.payments, self.couriers
                ),
            ),
            "database": lambda: database.look(self.database_url, self.tenant),
            "disk": lambda: places.disk(self.file, self.archive_url, self.checkpoints_url),
            "archive": lambda: archive.look(self.archive_url, self.tenant),
            "audit": lambda: audit_log.look(
                self.audit_key, self.checkpoints_url, self.database_url, self.tenant, self.own_key
            ),
            "temporal": lambda: temporal.look(
                temporal.Where(self.target, self.namespace, self.task_queue, self.connection),
                self.build_id,
            ),
            "api": lambda: places.api(self.url),
        }
