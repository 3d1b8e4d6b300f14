"""The connection to Temporal by TLS, and clear messages where it cannot be made."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from runtime.settings import explain
from temporal.connection import connect, tls_config
from temporal.connection_settings import ConnectionSettings
from tests.support.temporal import DevServer
from tests.support.tls import Authority, authority, tls_proxy

BRIEF = timedelta(milliseconds=200)


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("ours"))


@pytest.fixture(scope="module")
async def guarded(ours: Authority, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """A real server behind TLS that asks for a certificate."""
    server = DevServer(tmp_path_factory.mktemp("server"))
    server.start()
    try:
        await server.client()
        async with tls_proxy(server.target, ours) as address:
            yield address
    finally:
        server.kill()


def settings_for(ca: Path | None, ours: Authority | None) -> ConnectionSettings:
    return ConnectionSettings(
        temporal_tls=True,
        temporal_tls_ca=ca,
        temporal_tls_cert=ours.client.cert if ours else None,
        temporal_tls_key=ours.client.key if ours else None,
    )


async def test_with_our_certificate_and_theirs_it_is_reached(guarded: str, ours: Authority) -> None:
    client = await connect(guarded, settings=settings_for(ours.ca, ours))
    assert await client.service_client.check_health()


async def test_without_one_of_them_it_is_not(guarded: str, ours: Authority, tmp_path: Path) -> None:
    stranger = authority(tmp_path)
    for settings in (
        settings_for(ours.ca, None),
        settings_for(None, ours),
        settings_for(stranger.ca, ours),
        settings_for(ours.ca, stranger),
    ):
        with pytest.raises(ConnectionError, match=f"^Temporal does not answer at {guarded} by TLS"):
            await connect(guarded, connect_timeout=BRIEF, settings=settings)
    with pytest.raises(ConnectionError, match=f"^Temporal does not answer at {guarded}.$"):
        await connect(guarded, connect_timeout=BRIEF)


def test_the_settings_are_what_is_used(ours: Authority) -> None:
    assert tls_config(ConnectionSettings()) is None
    assert tls_config(ConnectionSettings(temporal_tls=True)) is not None
    config = tls_config(settings_for(ours.ca, ours))
    assert config is not None
    assert (config.server_root_ca_cert, config.client_cert) == (
        ours.ca.read_bytes(),
        ours.client.cert.read_bytes(),
    )
    assert config.client_private_key == ours.client.key.read_bytes()
    assert ConnectionSettings(temporal_tls_ca=ours.ca).uses_tls
    cloud = ConnectionSettings(temporal_api_key=SecretStr("hidden"))
    assert (cloud.uses_tls, cloud.api_key) == (True, "hidden")


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"TLS_CA": "/nowhere/ca.crt"}, "BANJIE_TEMPORAL_TLS_CA: Path does not point to a file"),
        ({"TLS_CERT": __file__}, "_CERT and BANJIE_TEMPORAL_TLS_KEY go together"),
        ({"TLS": "false", "API_KEY": "hidden"}, "BANJIE_TEMPORAL_TLS is off"),
        ({"TLS": "hidden"}, "BANJIE_TEMPORAL_TLS: Input should be a valid boolean"),
    ],
)
def test_what_cannot_work_is_told_by_its_name(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], message: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(f"BANJIE_TEMPORAL_{name}", value)
    with pytest.raises(ValidationError) as refused:
        ConnectionSettings()
    assert message in explain(refused.value)
    assert "hidden" not in explain(refused.value)


@pytest.mark.parametrize(
    "command",
    [
        ["worker"],
        ["api"],
        ["cli.main", "ops", "incidents", "--temporal-target", "127.0.0.1:9"],
    ],
    ids=lambda command: command[0],
)
def test_no_process_starts_with_a_file_that_is_not_there(command: list[str]) -> None:
    env = {**os.environ, "BANJIE_TEMPORAL_TLS_CA": "/nowhere/ca.crt"}
    done = subprocess.run(
        [sys.executable, "-m", *command], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "BANJIE_TEMPORAL_TLS_CA: Path does not point to a file" in done.stderr
    assert "Traceback" not in done.stderr
