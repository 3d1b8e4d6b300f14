"""An installation as its settings describe it, and all checks of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ops.doctor.archive import check_archive
from ops.doctor.attachments import check_attachments
from ops.doctor.audit_log import check_audit_log, check_sealing
from ops.doctor.calendar import check_calendar
from ops.doctor.checks import Check, CheckResult
from ops.doctor.database import check_database, file_of
from ops.doctor.places import check_api, check_disk
from ops.doctor.running import (
    NOBODY,
    OUTSIDE,
    SHARED,
    calendars_of_open_cases,
    released_policy,
    running_configuration,
)
from ops.doctor.settings import check_settings
from ops.doctor.temporal import check_temporal
from policies.documents import DEFAULT
from store.attachments.contents import default_attachments_url
from temporal.connection_settings import ConnectionSettings
from temporal.names import TASK_QUEUE


@dataclass(frozen=True)
class Installation:
    """Where everything is; `None` means not configured. `url` is the API's address.

    `own_key` is where `banjie up` makes the key that signs the audit log, if it does. `signs` is
    false for a process that is not to have that key; `build_id` is None if it is no worker's.
    """

    database_url: str
    target: str
    archive_url: str
    checkpoints_url: str
    build_id: str | None = None
    namespace: str = "default"
    task_queue: str = TASK_QUEUE
    tenant: str = "default"
    audit_key: Path | None = None
    signs: bool = True
    own_key: Path | None = None
    url: str | None = None
    secret: bool = True
    webhooks: bool = False
    payments: bool = False
    courier: bool = False
    attachments_url: str = ""
    connection: ConnectionSettings | None = None
    policy: str = DEFAULT

    @property
    def file(self) -> Path | None:
        """SQLite's file; None for another database."""
        return file_of(self.database_url)

    @property
    def attachments(self) -> str:
        """Where attachments lie: beside the archive, if nothing else is said."""
        return self.attachments_url or default_attachments_url(self.database_url)

    def checks(self) -> Mapping[str, Check]:
        """Return all checks by name."""
        return {
            "settings": self._check_settings,
            "calendar": self._check_calendar,
            "database": lambda: check_database(self.database_url, self.tenant),
            "disk": lambda: check_disk(
                self.file, self.archive_url, self.checkpoints_url, self.attachments
            ),
            "archive": lambda: check_archive(self.archive_url, self.tenant),
            "attachments": lambda: check_attachments(
                self.attachments, self.database_url, self.tenant
            ),
            "audit": self._check_audit_log,
            "temporal": lambda: check_temporal(
                self.target, self.namespace, self.task_queue, self.build_id, self.connection
            ),
            "api": lambda: check_api(self.url),
        }

    async def _check_audit_log(self) -> list[CheckResult]:
        place = (self.checkpoints_url, self.database_url, self.tenant)
        if not self.signs:
            return await check_sealing(*place)
        return await check_audit_log(self.audit_key, *place, self.own_key)

    async def _check_settings(self) -> list[CheckResult]:
        """Check what the running processes are set to; what none of them said, as it is here."""
        here = {"messages": self.webhooks, "payments": self.payments, "courier": self.courier}
        running = await running_configuration(self.database_url)
        there = {what: running[what] != NOBODY for what in OUTSIDE if what in running}
        unconnected = [what for what, connected in (here | there).items() if not connected]
        secret = running["cursors"] == SHARED if "cursors" in running else self.secret
        return await check_settings(self.database_url, secret=secret, unconnected=unconnected)

    async def _check_calendar(self) -> list[CheckResult]:
        """Check the calendar of the policy that is in force, and those of open cases."""
        running = await running_configuration(self.database_url)
        in_use = await calendars_of_open_cases(self.database_url, self.tenant)
        released = await released_policy(self.database_url, self.tenant)
        policy, document = released or (running.get("policy", self.policy), None)
        return await check_calendar(policy, in_use, document=document)
