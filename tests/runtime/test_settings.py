"""Every setting of every process against values it cannot have: one sentence with its variable."""

import os
from collections.abc import Iterator

import pytest
from pydantic import ValidationError

from api.settings import ApiSettings
from runtime.settings import ProcessSettings, explain, variable
from store.settings import DatabaseSettings
from worker.settings import DispatcherSettings, WorkerSettings

PROCESSES: dict[str, type[ProcessSettings]] = {
    "api": ApiSettings,
    "worker": WorkerSettings,
    "dispatcher": DispatcherSettings,
    "migrations": DatabaseSettings,
}
WHOLE_NUMBERS = ("-1", "1.5", "many", "１", "1e400")
SPANS = ("-1", "nan", "inf", "-inf", "soon", "1e400")
ZONES = ("Mars/X", "../etc/passwd", "/etc/localtime", "Asia", "CST+8 China", "亚洲/上海")
ADDRESSES = (
    "nonsense",
    "127.0.0.1",
    ":9464",
    "127.0.0.1:0",
    "127.0.0.1:65536",
    "http://h:80",
    "h:x",
)
NAMES = ("a b", "名", "a/b", "-a")
ARCHIVES = ("ftp://x", "archive", "file://relative", "s3://", "/var/archive", "file://[x")
WEB = ("ftp://x", "pay.example", "http://", "mailto:a@b.c")
FLAGS = ("maybe", "2", "是")
FILES = ("/nonexistent", "/dev")
WRONG: dict[str, tuple[str, ...]] = {
    "log_level": ("loud", "10", "警告"),
    "database_url": (
        "postgresql://u:p@h/d",
        "mysql+aiomysql://u:p@h/d",
        "banjie.db",
        "sqlite+aiosqlite://",
        "sqlite+aiosqlite:///:memory:",
        "postgresql+asyncpg://u:p@h:port/d",
        "postgresql+asyncpg://u:p@h/d?sslmode=require",
        "postgresql+asyncpg://u:p@h/d?ssl=sometimes",
        "postgresql+asyncpg://u:p@h/d?sslrootcert=/ca.crt",
        "postgresql+asyncpg://u:p@h/d?ssl=verify-full&sslrootcert=/nonexistent",
        "sqlite+aiosqlite:///x.db?colour=blue",
    ),
    "archive_url": ARCHIVES,
    "attachments_url": ARCHIVES,
    "checkpoints_url": ARCHIVES,
    "temporal_target": ADDRESSES,
    "metrics": ADDRESSES,
    "temporal_namespace": NAMES,
    "task_queue": NAMES,
    "deployment": NAMES,
    "build_id": NAMES,
    "temporal_tls": FLAGS,
    "webhook_allow_private": FLAGS,
    "dispatch": FLAGS,
    "temporal_tls_ca": FILES,
    "temporal_tls_cert": FILES,
    "temporal_tls_key": FILES,
    "api_port": ("0", "65536", *WHOLE_NUMBERS),
    "workflow_tasks": ("0", *WHOLE_NUMBERS),
    "activities": ("0", *WHOLE_NUMBERS),
    "cache_mib": WHOLE_NUMBERS,
    "checkpoint_rows": ("0", *WHOLE_NUMBERS),
    "checkpoint_minutes": ("0", *SPANS),
    "patience": ("0", *SPANS),
    "drain": SPANS,
    "session_idle": ("0", "43201", *SPANS),
    "session_lifetime": ("0", "721", *SPANS),
    "zone": ZONES,
    "policy": ("2025", "x"),
    "payments_url": WEB,
    "courier_url": WEB,
    "orders_url": WEB,
    "orders_timeout": ("0", *SPANS),
    "webhook_url": WEB,
    "webhook_secret": ("secret", "whsec_", "whsec_?"),
}
ANY_TEXT = {"secret", "temporal_api_key", "payments_token", "courier_token", "orders_token"}
LATER = {"api_host", "audit_key", "audit_public_key"}
"""Judged when the process starts: see `test_processes.py`; the public key when it is used."""


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the machine, and the one that has no default."""
    for name in [name for name in os.environ if name.startswith("BANJIE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("BANJIE_DATABASE_URL", "sqlite+aiosqlite:///banjie.db")


def table() -> Iterator[tuple[str, str, str]]:
    for process, settings in PROCESSES.items():
        for field in settings.model_fields:
            for value in WRONG.get(field, ()):
                yield process, field, value


@pytest.mark.parametrize("process", PROCESSES)
def test_the_table_has_every_setting(process: str) -> None:
    fields = PROCESSES[process].model_fields.keys()
    assert fields <= WRONG.keys() | ANY_TEXT | LATER
    PROCESSES[process]()  # all others have a default


@pytest.mark.parametrize(("process", "field", "value"), list(table()))
def test_a_value_that_cannot_be_is_told_by_its_variable(
    process: str, field: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable(field), value)
    with pytest.raises(ValidationError) as caught:
        PROCESSES[process]()
    sentence = explain(caught.value)
    assert sentence.startswith(f"{variable(field)}: ") or variable(field) in sentence
    assert sentence.count(variable(field)) == 1
    assert "\n" not in sentence
    assert len(value) < 10 or value not in sentence, "it may be secret"


def test_what_has_no_default_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANJIE_DATABASE_URL", "")
    with pytest.raises(ValidationError) as caught:
        DatabaseSettings()
    assert explain(caught.value) == "BANJIE_DATABASE_URL: it is not set, and has no default"


def test_all_that_is_wrong_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for field in ("zone", "metrics", "archive_url", "database_url", "drain"):
        monkeypatch.setenv(variable(field), "nonsense")
    with pytest.raises(ValidationError) as caught:
        WorkerSettings()
    assert explain(caught.value).count("; ") >= 4
