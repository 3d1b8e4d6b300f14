"""What is wrong only where it is used ends each process with one sentence and the code of usage."""

import asyncio
import json
import os
import sqlite3
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

import pytest

from tests.cli.system import shared_runner
from tests.support.command_runner import CommandLine, CommandResult
from tests.support.postgres import Cluster, running
from tests.support.temporal import DevServer, free_port

pytestmark = pytest.mark.xdist_group("processes")
USAGE = 2
NOT_OURS = "203.0.113.1"
"""An address that no machine has: it is kept for documents."""
SERVICES = ("api", "worker", "worker.dispatcher", "store.migrations")
COMMANDS = (
    "cli.main key bootstrap --staff nobody",
    "cli.main export csv out.csv",
    "cli.main ops outbox list",
    "cli.main audit log",
)
TEMPORAL_COMMANDS = ("cli.main ops incidents", "cli.main store reconcile --every 24h")


@pytest.fixture(scope="module")
def postgres() -> Iterator[Cluster]:
    with running() as cluster:
        cluster.make_template()
        yield cluster


@pytest.fixture(scope="module")
async def temporal(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    server = DevServer(tmp_path_factory.mktemp("server"))
    server.start()
    await server.client()
    yield server.target
    server.kill()


async def run(command: str, folder: Path, settings: Mapping[str, str]) -> CommandResult:
    """Run a module of ours with these settings and no others, to its end."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("BANJIE_")}
    env = {**clean, "BANJIE_LANG": "en", **settings}
    module, *words = command.split()
    line = CommandLine(tuple(words), env, str(folder), seconds=100, module=module)
    return await asyncio.to_thread(shared_runner().run, line)


def holds(ended: CommandResult, variable: str, *, service: bool) -> None:
    """Check the code, and that the one error is a sentence with the variable's name."""
    assert ended.code == USAGE, ended.stderr
    assert "Traceback" not in ended.stderr
    assert variable in ended.stderr
    if service:
        lines = [json.loads(line) for line in ended.stderr.splitlines()]
        (error,) = [line for line in lines if line["level"] not in {"info", "debug"}]
        assert variable in error["event"]
        assert {"timestamp", "logger"} <= error.keys()


def refused(cluster: Cluster) -> dict[str, str]:
    url = cluster.new_database()
    return {
        "no such database": url.rpartition("/")[0] + "/nowhere",
        "no such user": url.replace("//banjie@", "//stranger:secret@"),
    }


@pytest.mark.parametrize("command", [*SERVICES, *COMMANDS])
async def test_a_database_that_refuses_us(
    command: str, postgres: Cluster, temporal: str, tmp_path: Path
) -> None:
    for url in refused(postgres).values():
        settings = {"BANJIE_DATABASE_URL": url, "BANJIE_TEMPORAL_TARGET": temporal}
        ended = await run(command, tmp_path, settings)
        holds(ended, "BANJIE_DATABASE_URL", service=command in SERVICES)
        assert "secret" not in ended.stderr


@pytest.mark.parametrize("command", SERVICES)
async def test_tables_that_cannot_be_brought_up_to_date(
    command: str, temporal: str, tmp_path: Path
) -> None:
    file = tmp_path / "banjie.db"
    connection = sqlite3.connect(file)
    connection.execute("CREATE TABLE cases (of_wine TEXT)")
    connection.close()
    settings = {
        "BANJIE_DATABASE_URL": f"sqlite+aiosqlite:///{file}",
        "BANJIE_TEMPORAL_TARGET": temporal,
    }
    holds(await run(command, tmp_path, settings), "BANJIE_DATABASE_URL", service=True)


@pytest.mark.parametrize("command", ["api", "worker", *TEMPORAL_COMMANDS])
async def test_a_namespace_that_is_not_there(command: str, temporal: str, tmp_path: Path) -> None:
    settings = {"BANJIE_TEMPORAL_TARGET": temporal, "BANJIE_TEMPORAL_NAMESPACE": "nope"}
    settings["BANJIE_DATABASE_URL"] = f"sqlite+aiosqlite:///{tmp_path / 'banjie.db'}"
    ended = await run(command, tmp_path, settings)
    holds(ended, "BANJIE_TEMPORAL_NAMESPACE", service=command in SERVICES)


@pytest.mark.parametrize(
    ("command", "variable", "value"),
    [
        ("api", "BANJIE_API_HOST", NOT_OURS),
        ("api", "BANJIE_API_HOST", "no.such.host.invalid"),
        ("worker", "BANJIE_METRICS", f"{NOT_OURS}:9464"),
        ("worker.dispatcher", "BANJIE_METRICS", f"{NOT_OURS}:9464"),
        ("worker.dispatcher", "BANJIE_METRICS", "no.such.host.invalid:9464"),
        ("worker", "BANJIE_AUDIT_KEY", "/nonexistent"),
        ("worker", "BANJIE_AUDIT_KEY", "/dev"),
        ("worker", "BANJIE_AUDIT_KEY", "/dev/null"),
        ("store.migrations", "BANJIE_DATABASE_URL", ""),
        *((command, "BANJIE_DATABASE_URL", "mysql://h/d") for command in COMMANDS),
        *((command, "BANJIE_TEMPORAL_TARGET", "nonsense") for command in TEMPORAL_COMMANDS),
        *((command, "BANJIE_TEMPORAL_TLS", "maybe") for command in TEMPORAL_COMMANDS),
        ("cli.main archive list", "BANJIE_ARCHIVE_URL", "ftp://x"),
        ("cli.main archive verify", "BANJIE_ARCHIVE_URL", "ftp://x"),
        ("cli.main case list --key k", "BANJIE_URL", "ftp://x"),
        ("cli.main up --no-sample", "BANJIE_ZONE", "Mars/X"),
        ("cli.main up --no-sample", "BANJIE_POLICY", "x"),
        ("cli.main up --no-sample", "BANJIE_PATIENCE", "soon"),
        ("cli.main up --no-sample", "BANJIE_ARCHIVE_URL", "ftp://x"),
    ],
)
async def test_a_value_that_shows_itself_when_it_is_used(
    command: str, variable: str, value: str, tmp_path: Path
) -> None:
    settings = {
        "BANJIE_DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path / 'banjie.db'}",
        "BANJIE_TEMPORAL_TARGET": f"127.0.0.1:{free_port()}",
    }
    ended = await run(command, tmp_path, {**settings, variable: value})
    holds(ended, variable, service=command in SERVICES)
