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
    "migrate": ("store.migrations", DispatcherSettings),
}
# Of the store's settings only the address concerns who just makes tables or delivers.
SHARED = set(COMPOSE["x-settings"])
SECRET = re.compile(r"PASSWORD|PWD|SECRET|TOKEN|URL")
DRAINS = {"worker": WorkerSettings().drain, "api": DRAIN_SECONDS, "dispatcher": 15}
IMAGE = re.compile(r"[a-z/-]+:[0-9][0-9a-z.\-]*")

each_service = pytest.mark.parametrize("name", SERVICES)


def variables() -> Iterator[tuple[str, str]]:
    """Yield each `${NAME…}` of the file: its name, and what stands behind it."""
    yield from re.findall(r"(?<!\$)\$\{([A-Z_]+)([^}]*)\}", yaml.safe_dump(COMPOSE))


def script(name: str) -> str:
    """Return the shell script of a one-shot, as the container gets it."""
    (text,) = SERVICES[name]["command"]
    return str(text).replace("$$", "$")


def test_all_parts_are_there() -> None:
    assert set(SERVICES) == {"store", "temporal-db", "temporal", "temporal-ui"} | ONE_SHOT | set(
        SETTINGS
    )
    assert set(SETTINGS) == OURS


@each_service
def test_each_is_healthy_or_ends(name: str) -> None:
    service = SERVICES[name]
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
def test_ports_are_on_the_loopback(name: str) -> None:
    for port in SERVICES[name].get("ports", []):
        assert port.startswith("127.0.0.1:"), port


@each_service
def test_no_secret_has_a_default(name: str) -> None:
    for variable, value in SERVICES[name].get("environment", {}).items():
        if SECRET.search(variable):
            default = re.findall(r"\$\{[A-Z_]+:([^}]*)\}", value)
            assert default in (["?set it in .env"], ["-"]), f"{variable} of {name}"


def test_the_example_names_every_variable_and_no_secret() -> None:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    example = dict(re.findall(r"^#?([A-Z_]+)=(.*)$", text, flags=re.MULTILINE))
    assert example.keys() == {variable for variable, _ in variables()}
    required = {variable for variable, how in variables() if how.startswith(":?")}
    assert {variable for variable in example if f"\n{variable}=\n" in text} == required


@pytest.mark.parametrize("name", SETTINGS)
def test_our_processes_run_our_modules_with_settings_that_exist(name: str) -> None:
    module, settings = SETTINGS[name]
    assert SERVICES[name]["command"] == [module]
    package = importlib.util.find_spec(module)
    assert package is not None
    if package.submodule_search_locations is not None:
        assert importlib.util.find_spec(f"{module}.__main__")
    environment = set(SERVICES[name]["environment"])
    settable = {f"BANJIE_{field.upper()}" for field in settings.model_fields}
    assert environment - settable <= (SHARED if name in {"migrate", "dispatcher"} else set())
    assert SHARED - environment == set()


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
    build, dev = pins(ROOT / "requirements/build.txt"), pins(DEV)
    assert {name: dev.get(name) for name in build} == build
    assert "hatchling" in build


def test_what_the_image_needs_is_not_ignored() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    allowed = {line[1:] for line in lines if line.startswith("!")}
    assert lines.index("*") < min(lines.index(f"!{name}") for name in allowed)
    assert {*PACKAGES, "requirements", "pyproject.toml", "README.md", "LICENSE"} == allowed


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
