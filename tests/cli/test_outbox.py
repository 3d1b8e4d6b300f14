"""Operators see what did not arrive, and send it anew."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest

from store import Store
from store.db.clock import utc_now
from tests.cli.system import run
from tests.store import sample_cases


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path / 'banjie.db'}"


async def one_dead(url: str) -> str:
    """A store with one dead letter: the case's number."""
    store = await Store.open(url, migrate=True)
    case = sample_cases.opened("default")
    await store.recorder.write(sample_cases.update_after(case))
    until = utc_now() + timedelta(minutes=1)
    (letter,) = await store.outbox_queue.lease("default", 10, until)
    await store.outbox_queue.mark_failed(letter, "http_500", None)
    await store.close()
    return case.opening.number


def test_a_dead_letter_is_seen_and_sent_anew(url: str, tmp_path: Path) -> None:
    number = asyncio.run(one_dead(url))
    at = ("--database-url", url)
    outcome = run(tmp_path, "ops", "outbox", "list", *at, "--json")
    (item,) = json.loads(outcome.stdout)["items"]
    assert (item["number"], item["status"], item["reason"]) == (number, "dead", "http_500")
    assert item["delivered_at"] is None
    seen = run(tmp_path, "ops", "outbox", "list", *at)
    assert number in seen.stdout
    assert run(tmp_path, "ops", "outbox", "redrive", "TS0", *at).returncode == 3
    anew = run(tmp_path, "ops", "outbox", "redrive", number, *at, "--json")
    assert json.loads(anew.stdout) == {"redriven": 1}
    assert run(tmp_path, "ops", "outbox", "list", *at).stdout == "There are none.\n"
    pending = run(tmp_path, "ops", "outbox", "list", "--status", "pending", *at, "--json")
    assert [each["number"] for each in json.loads(pending.stdout)["items"]] == [number]


def test_a_dead_letter_is_set_aside_and_put_back(url: str, tmp_path: Path) -> None:
    number = asyncio.run(one_dead(url))
    at = ("--database-url", url)
    (item,) = json.loads(run(tmp_path, "ops", "outbox", "list", *at, "--json").stdout)["items"]
    which = (number, str(item["seq"]), str(item["n"]))
    aside = ("ops", "outbox", "set-aside", *which, *at)
    assert run(tmp_path, *aside).returncode == 2, "a reason is needed"
    assert run(tmp_path, *aside, "--reason", " ").returncode == 2
    assert run(tmp_path, *aside, "--reason", "told by phone").returncode == 0
    assert run(tmp_path, *aside, "--reason", "told by phone").returncode == 3
    listed = run(tmp_path, "ops", "outbox", "list", "--status", "set_aside", *at)
    assert "told by phone" in listed.stdout
    assert run(tmp_path, "ops", "outbox", "list", *at).stdout == "There are none.\n"
    back = ("ops", "outbox", "put-back", *which, *at)
    assert [run(tmp_path, *back).returncode for _ in range(2)] == [0, 3]
    assert number in run(tmp_path, "ops", "outbox", "list", *at).stdout


def test_what_cannot_be(url: str, tmp_path: Path) -> None:
    assert run(tmp_path, "ops", "outbox", "list", "--database-url", url).returncode == 5
    assert run(tmp_path, "ops", "outbox", "list").returncode == 2
    wrong = run(tmp_path, "ops", "outbox", "list", "--status", "lost", "--database-url", url)
    assert wrong.returncode == 2
    assert run(tmp_path, "ops", "incidents").returncode == 2
    assert run(tmp_path, "ops", "retry", "TS0").returncode == 2
