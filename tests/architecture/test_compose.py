"""The container files, as far as they can be judged without Docker: what they name is there."""

import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic_settings import BaseSettings

from api.__main__ import DRAIN_SECONDS
from api.settings import ApiSettings
from runtime.settings import variable
from store.settings import DatabaseSettings
from temporal.names import SEARCH_ATTRIBUTES
from tests.architecture.source import PACKAGES, ROOT
from tests.architecture.test_pins import DEV, pins
from tests.support.temporal import DevServer
from worker.settings import DispatcherSettings, WorkerSettings

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name for name, service in SERVICES.items() if "build" in service}
ONE_SHOT = {"temporal-schema", "temporal-setup", "migrate"}
# Each process, what it runs, and whose settings it reads.
SETTINGS: dict[str, tuple[str, type[BaseSettings]]] = {
    "api": ("api", ApiSettings),
    "worker": ("worker", WorkerSettings),
    "dispatcher": ("worker.dispatcher", DispatcherSettings),
    "migrate": ("store.migrations", DatabaseSettings),
}
COMMAND = "banjie"
"""The service for operators' commands, which read what all of them read."""
SECRET = re.compile(r"PASSWORD|PWD|SECRET|TOKEN|URL")
DRAINS = {"worker": WorkerSettings().drain, "api": DRAIN_SECONDS, "dispatcher": 15}
IMAGE = re.compile(r"[a-z/-]+:([0-9][0-9a-z.\-]*|\$\{BANJIE_VERSION:-[0-9.]+\})")

each_service = pytest.mark.parametrize("name", SERVICES)


def variables() -> Iterator[tuple[str, str]]:
    """Yield each `${NAME…}` of the file: its name, and what stands behind it."""
    yield from re.findall(r"(?<!\$)\$\{([A-Z_]+)([^}]*)\}", yaml.safe_dump(COMPOSE))
    for service in SERVICES.values():
        yield from ((name, ":-") for name, value in environment(service).items() if value is None)


def environment(service: dict[str, Any]) -> dict[str, str | None]:
    """Return the variables of a service; None is whatever .env says, if anything."""
    return dict(service.get("environment", {}))


def variables_of(*settings: type[BaseSettings]) -> set[str]:
    """Return the variables that these settings are read from."""
    return {variable(field) for each in settings for field in each.model_fields}


def script(name: str) -> str:
    """Return the shell script of a one-shot, as the container gets it."""
    (text,) = SERVICES[name]["command"]
    return str(text).replace("$$", "$")


def test_all_parts_are_there() -> None:
    theirs = {"store", "temporal-db", "temporal", "temporal-ui"}
    assert set(SERVICES) == theirs | ONE_SHOT | set(SETTINGS) | {COMMAND}
    assert {*SETTINGS, COMMAND} == OURS


@each_service
def test_each_is_healthy_or_ends(name: str) -> None:
    service = SERVICES[name]
    if name == COMMAND:
        assert service["profiles"] == ["command"], "it is run by name only"
        return
    assert ("healthcheck" in service) != (name in ONE_SHOT)
    assert service["restart"] == ("on-failure:6" if name in ONE_SHOT else "unless-stopped")


@each_service
def test_each_waits_for_what_it_needs(name: str) -> None:
    for other, how in SERVICES[name].get("depends_on", {}).items():
        ends = other in ONE_SHOT
        condition = "service_completed_successfully" if ends else "service_healthy"
        assert how == {"condition": condition}


@each_service
def test_images_are_pinned(name: str) -> None:
    assert IMAGE.fullmatch(SERVICES[name]["image"])


@each_service
def test_logs_and_memory_are_bounded(name: str) -> None:
    service = SERVICES[name]
    assert service["mem_limit"]
    assert {"max-size", "max-file"} <= set(service["logging"]["options"])


@each_service
def test_ports_are_on_the_loopback(name: str) -> None:
    for port in SERVICES[name].get("ports", []):
        assert port.startswith("127.0.0.1:"), port


@each_service
def test_no_secret_has_a_default(name: str) -> None:
    for setting, value in environment(SERVICES[name]).items():
        if SECRET.search(setting) and value is not None and value != "http://api:8080":
            default = re.findall(r"\$\{[A-Z_]+:([^}]*)\}", value)
            assert default in (["?set it in .env"], ["-"]), f"{setting} of {name}"


def test_the_example_names_every_variable_and_no_secret() -> None:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    example = dict(re.findall(r"^#?([A-Z_]+)=(.*)$", text, flags=re.MULTILINE))
    assert example.keys() == {name for name, _ in variables()}
    required = {name for name, how in variables() if how.startswith(":?")}
    assert {name for name in example if f"\n{name}=\n" in text} == required


@pytest.mark.parametrize("name", SETTINGS)
def test_our_processes_run_our_modules_with_settings_that_exist(name: str) -> None:
    module, settings = SETTINGS[name]
    assert SERVICES[name]["command"] == [module]
    package = importlib.util.find_spec(module)
    assert package is not None
    if package.submodule_search_locations is not None:
        assert importlib.util.find_spec(f"{module}.__main__")
    passed = {each for each in environment(SERVICES[name]) if each.startswith("BANJIE_")}
    assert passed == variables_of(settings), "a setting that .env cannot reach, or of another"


def test_the_command_reads_what_the_processes_read_and_finds_the_api() -> None:
    passed = environment(SERVICES[COMMAND])
    assert variables_of(ApiSettings, WorkerSettings) <= passed.keys()
    assert SERVICES[COMMAND]["entrypoint"] == ["banjie"]
    of_api = environment(SERVICES["api"])
    assert passed["BANJIE_URL"] == f"http://api:{of_api['BANJIE_API_PORT']}"


@pytest.mark.parametrize("name", ["worker", "api", COMMAND])
def test_who_reads_files_is_given_the_same(name: str) -> None:
    assert SERVICES[name]["volumes"] == COMPOSE["x-files"]


@pytest.mark.parametrize(
    ("service", "database"),
    [("store", "banjie"), ("temporal-db", "temporal"), ("temporal-db", "temporal_visibility")],
)
def test_every_database_has_its_commands_to_back_up_and_to_restore(
    service: str, database: str
) -> None:
    text = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    user = environment(SERVICES[service])["POSTGRES_USER"]
    run = f"docker compose exec -T {service}"
    assert f"{run} pg_dump --username={user} --format=custom {database} > {database}.dump" in text
    assert re.search(
        rf"{run} pg_restore --username={user} .*--dbname={database} .*{database}.dump", text
    )
    assert database in script("temporal-schema") or service == "store"


@pytest.mark.parametrize("name", DRAINS)
def test_they_get_the_time_to_finish(name: str) -> None:
    assert int(SERVICES[name]["stop_grace_period"].removesuffix("s")) > DRAINS[name]


def test_the_image_is_built_from_hashed_pins_alone() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    installs = re.findall(r"pip install (.*?)(?: \\)?$", text, flags=re.MULTILINE)
    assert installs
    assert all("--require-hashes" in each or "--no-index" in each for each in installs)
    assert not re.search(r"https?://|--index-url", text)
    assert re.search(r"^USER 10001$", text, flags=re.MULTILINE)
    assert text.index("RUN python -m web.vendor run\n") < text.index("COPY . .\n")
    build, dev = pins(ROOT / "requirements/build.txt"), pins(DEV)
    assert {name: dev.get(name) for name in build} == build
    assert "hatchling" in build


def test_what_the_image_needs_is_not_ignored() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    allowed = {line[1:] for line in lines if line.startswith("!")}
    assert lines.index("*") < min(lines.index(f"!{name}") for name in allowed)
    files = {
        "requirements",
        "tests/golden",
        "pyproject.toml",
        "hatch_build.py",
        "README.md",
        "LICENSE",
    }
    assert {*PACKAGES, *files} == allowed
    assert "web/static/vendor" in lines, "an image would carry what lay about where it was built"


@pytest.mark.parametrize("name", ["temporal-schema", "temporal-setup"])
def test_the_scripts_are_shell(name: str) -> None:
    subprocess.run(["sh", "-n"], input=script(name), text=True, check=True)


def test_the_setup_works_on_a_real_server_and_again(tmp_path: Path) -> None:
    server = DevServer(tmp_path)
    env = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "TEMPORAL_ADDRESS": server.target,
        "TEMPORAL_NAMESPACE": "after-sales",
        "RETENTION": SERVICES["temporal-setup"]["environment"]["RETENTION"],
    }

    def run(*command: str) -> str:
        ran = subprocess.run(
            command, env=env, capture_output=True, text=True, timeout=90, check=False
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    server.start()
    try:
        for _ in range(2):
            run("sh", "-euc", script("temporal-setup"))
        listed = run("temporal", "operator", "search-attribute", "list")
        namespace = run("temporal", "operator", "namespace", "describe")
    finally:
        server.kill()
    assert all(re.search(rf"{each.name}\s+Keyword", listed) for each in SEARCH_ATTRIBUTES)
    assert re.search(r"Retention\S*\s+720h", namespace)


def test_migrate_can_be_run_again_and_says_how_it_went(tmp_path: Path) -> None:
    def migrate(url: str) -> int:
        command = [sys.executable, "-P", "-m", *SERVICES["migrate"]["command"]]
        env = {**os.environ, "BANJIE_DATABASE_URL": url, "PYTHONPATH": str(ROOT)}
        return subprocess.run(command, env=env, capture_output=True, check=False).returncode

    url = f"sqlite+aiosqlite:///{tmp_path / 'banjie.db'}"
    assert [migrate(url), migrate(url)] == [0, 0]
    assert migrate(f"sqlite+aiosqlite:///{tmp_path / 'no' / 'such.db'}") == 5
    assert migrate("mysql://somewhere") == 2
    assert migrate("") == 2
