"""Every command: one JSON document for programs, tables for people, exit codes as documented."""

import asyncio
import json
import re
import shlex
import sqlite3
from pathlib import Path

import pytest

from ops.doctor.organisation import check_organisation
from store import Store
from tests.cli.system import System, free_ports, run, until


@pytest.fixture
def number(system: System) -> str:
    """A complaint that somebody has just raised."""
    words = ("--words", "音箱一连蓝牙就断。", "--channel", "app")
    started = system.ask("case", "start", "--kind", "complaint", *words, "--as", "shop-app")
    return str((started.get("case") or started)["number"])


def state(system: System, number: str) -> str:
    return str(system.ask("case", "show", number)["case"]["state"])


def task(system: System, number: str) -> str:
    return str(system.ask("case", "show", number)["task"]["id"])


READING = [
    ("case", "list"),
    ("case", "list", "--kind", "complaint", "--open", "--limit", "2"),
    ("task", "list"),
    ("task", "list", "--scope", "mine", "--as", "liu.yang"),
    ("staff", "list"),
    ("team", "list"),
    ("key", "list"),
]


@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_lists_are_documents_and_tables(system: System, words: tuple[str, ...]) -> None:
    document = system.ask(*words)
    assert document["items"]
    outcome = system.run(*words)
    assert outcome.returncode == 0
    assert outcome.stderr == ""
    first = document["items"][0]
    assert str(first.get("number") or first["id"]) in outcome.stdout
    assert "…" not in outcome.stdout  # nothing is cut where no terminal is


def test_pages_go_on_where_they_stopped(system: System) -> None:
    first = system.ask("case", "list", "--limit", "2")
    second = system.ask("case", "list", "--limit", "2", "--cursor", first["next"])
    together = system.ask("case", "list", "--limit", "4")["items"]
    assert first["items"] + second["items"] == together


def test_a_case_is_shown_line_by_line(system: System, number: str) -> None:
    system.ask(
        "task", "do", task(system, number), "accept", "--set", "note=已阅", "--as", "liu.yang"
    )
    output = system.run("case", "show", number).stdout
    for told in (number, "音箱一连蓝牙就断。", "liu.yang (agent)", "accept", "→ accepted", "已阅"):
        assert told in output
    assert f"banjie task do {number}-2 classify" in output
    history = system.ask("case", "history", number)["items"]
    assert [entry["type"] for entry in history] == ["opened", "stepped"]
    assert system.ask("case", "history", number, "--after", "1")["items"] == history[1:]


def test_times_are_shown_in_the_business_zone(system: System, number: str) -> None:
    at = system.ask("case", "show", number)["case"]["received_at"]
    in_utc = system.run("case", "show", number, BANJIE_ZONE="UTC").stdout
    assert at[:19].replace("T", " ") in in_utc
    assert system.run("case", "show", number).stdout != in_utc


def test_a_task_is_claimed_released_assigned_and_done(system: System, number: str) -> None:
    system.ask("task", "claim", f"{number}-1", "--as", "liu.yang")
    refused = system.ask("task", "claim", f"{number}-1", "--as", "zhang.qian", code=4)
    assert refused["error"]["code"] == "task_taken"
    assert refused["error"]["params"]["by"] == "liu.yang"
    system.ask("task", "release", f"{number}-1", "--reason", "下班", "--as", "liu.yang")
    system.ask("task", "assign", f"{number}-1", "zhang.qian", "--as", "wang.fang")
    system.ask("task", "do", f"{number}-1", "accept", "--as", "zhang.qian")
    form = '{"category": "product_quality", "severity": "minor"}'
    document = system.ask("task", "do", task(system, number), "classify", "--form", form)
    assert document["receipt"]["state"] == state(system, number) == "classified"


def test_a_done_task_says_who_did_it(system: System, number: str) -> None:
    system.ask("task", "do", f"{number}-1", "accept", "--as", "zhang.qian")
    refused = system.ask("task", "do", f"{number}-1", "accept", "--as", "liu.yang", code=4)
    assert "zhang.qian" in refused["error"]["message"]


def test_a_step_that_is_no_task_is_done_by_case(system: System, number: str) -> None:
    system.ask("case", "do", number, "withdraw", "--set", "reason=自己好了", "--as", "shop-app")
    assert state(system, number) == "withdrawn"


def test_an_inquiry_is_converted_and_says_its_childs_number(system: System) -> None:
    asked = ("--kind", "inquiry", "--words", "屏失灵怎么办？", "--channel", "sms")
    number = system.ask("case", "start", *asked)["case"]["number"]
    system.ask("case", "do", number, "accept")
    system.ask("case", "do", number, "classify", "--set", "category=after_sales")
    system.ask("case", "do", number, "assign", "--set", "assignee=zhang.qian")
    wanted = ("case", "convert", number, "--as", "zhang.qian", "--to")
    refused = system.ask(*wanted, "inquiry", code=4)
    assert refused["error"]["params"]["kinds"] == ["complaint", "repair", "returns"]
    child = system.ask(*wanted, "repair")["child"]
    assert child.startswith("WX")
    (listed,) = until(
        lambda: system.ask("case", "list", "--where", f"parent={number}")["items"], "the child"
    )
    assert listed["number"] == child
    shown = system.run("case", "show", number).stdout
    assert re.search(rf"led to +{child} \(repair\)", shown)
    assert f"came of  {number}" in system.run("case", "show", child).stdout


def test_refusals_are_told_in_one_sentence(system: System, number: str) -> None:
    missing = system.ask("task", "do", f"{number}-1", "accept", "--set", "nota=x", code=4)
    assert missing["error"]["errors"][0]["pointer"] == "/nota"
    outcome = system.run("task", "do", f"{number}-1", "accept", "--set", "nota=x")
    assert outcome.stdout == ""
    assert "/nota:" in outcome.stderr
    assert system.ask("case", "do", number, "follow_up", code=4)["error"]["exit"] == 4
    assert state(system, number) == "received"


def test_the_language_is_asked_for(system: System) -> None:
    chinese = system.run("case", "show", "TS0", BANJIE_LANG="zh_CN").stderr
    english = system.run("case", "show", "TS0").stderr
    assert chinese.isascii() is False
    assert english.isascii()


def test_not_found_is_three(system: System) -> None:
    assert system.ask("case", "show", "TS202603024829107", code=3)["error"]["status"] == 404


def test_nobody_there_is_five(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_ports(1)[0]}"
    outcome = run(tmp_path, "case", "list", "--url", url, "--key", "bj_x_y", "--json")
    assert outcome.returncode == json.loads(outcome.stdout)["error"]["exit"] == 5
    assert "banjie up" in outcome.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("case", "lost"),
        ("case", "list", "--limit", "many"),
        ("case", "list", "--where", "colour=red"),
        ("case", "list", "--as", "nobody.here"),
        ("key", "add"),
        ("task", "do", "TS1-1", "accept", "--form", "[]"),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_two(system: System, words: tuple[str, ...]) -> None:
    if words[0] == "task":
        words = (words[0], words[1], system.ask("task", "list")["items"][0]["id"], *words[3:])
    outcome = system.run(*words)
    assert outcome.returncode == 2
    assert outcome.stdout == ""
    assert outcome.stderr


def test_without_a_server_it_says_how_to_name_one(tmp_path: Path) -> None:
    outcome = run(tmp_path, "case", "list")
    assert outcome.returncode == 2
    assert "--data-dir" in outcome.stderr


def test_the_help_tells_the_exit_codes(tmp_path: Path) -> None:
    text = " ".join(run(tmp_path, "--help").stdout.split())
    assert "3 not found · 4 refused" in text


def test_staff_come_and_go_with_their_keys(system: System) -> None:
    system.ask("team", "add", "evening", "--name", "晚班组")
    words = ("--name", "孙丽", "--role", "agent", "--team", "complaints", "--team", "evening")
    assert system.ask("staff", "add", "sun.li", *words)["teams"] == ["complaints", "evening"]
    assert system.ask("staff", "add", "sun.li", *words, code=4)["error"]["status"] == 409
    change = ("staff", "change", "sun.li")
    lead = system.ask(*change, "--role", "agent", "--role", "lead", "--no-team")
    assert (lead["roles"], lead["teams"]) == (["agent", "lead"], [])
    assert system.run(*change, "--team", "evening", "--no-team").returncode == 2
    system.ask(*change, "--role", "agent", "--team", "complaints", "--team", "evening")
    made = system.ask("key", "add", "--staff", "sun.li")
    key = ("--key", made["key"])
    assert system.ask("task", "list", "--scope", "teams", *key)["items"]
    system.ask("staff", "deactivate", "sun.li")
    assert system.ask("task", "list", *key, code=4)["error"]["status"] == 401
    system.ask("staff", "activate", "sun.li")
    assert system.run("task", "list", *key).returncode == 0
    assert system.ask("key", "revoke", made["id"])["revoked"] is True
    assert system.ask("task", "list", *key, code=4)["error"]["status"] == 401
    assert system.ask("staff", "list", "--as", "liu.yang", code=4)["error"]["status"] == 403


def test_the_first_key_is_made_without_anybody(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'banjie.db'}"
    made = run(tmp_path, "key", "bootstrap", "--database-url", url, "--json")
    assert made.returncode == 0, made.stderr
    assert json.loads(made.stdout)["key"].startswith("bj_")
    log = run(tmp_path, "audit", "log", "--database-url", url, "--json")
    acts = json.loads(log.stdout)["items"]
    assert {each["what"] for each in acts} == {"staff.added", "key.added"}
    assert all(each["actor"]["id"].startswith("account:") for each in acts)
    again = run(tmp_path, "key", "bootstrap", "--database-url", url, "--json")
    assert again.returncode == 4


def test_a_setup_makes_what_is_missing_and_can_be_run_again(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'banjie.db'}"
    words = ("setup", "--database-url", url, "--json")
    made = json.loads(run(tmp_path, *words).stdout)
    assert sorted(made["teams"]) == [
        "complaints", "inquiries", "repairs", "returns", "serious_complaints"
    ]  # fmt: skip
    assert made["administrator"] == "admin"
    assert made["key"].startswith("bj_")
    again = run(tmp_path, *words)
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout) == {"teams": [], "administrator": None, "key": None}
    assert run(tmp_path, "key", "bootstrap", "--database-url", url).returncode == 4


@pytest.mark.parametrize("change", ["active = 0", "roles = '[\"agent\"]'"])
@pytest.mark.parametrize("words", [("setup",), ("key", "bootstrap")])
def test_nobody_who_may_not_administer_is_the_first_administrator(
    tmp_path: Path, words: tuple[str, ...], change: str
) -> None:
    file = tmp_path / "banjie.db"
    url = f"sqlite+aiosqlite:///{file}"
    assert run(tmp_path, "setup", "--database-url", url).returncode == 0
    with sqlite3.connect(file) as database:
        database.execute(f"UPDATE staff SET {change}")  # noqa: S608 — one of the two above
    refused = run(tmp_path, *words, "--database-url", url, "--staff", "admin")
    assert (refused.returncode, "Traceback" in refused.stderr) == (4, False)
    assert "--staff" in refused.stderr
    other = run(tmp_path, *words, "--database-url", url, "--staff", "admin2", "--json")
    assert json.loads(other.stdout)["key"].startswith("bj_")


@pytest.mark.parametrize(
    "change",
    ["staff SET active = 0", "staff SET roles = '[]'", "api_keys SET revoked_at = created_at"],
)
def test_the_doctors_remedy_makes_an_administrator_as_it_stands(
    tmp_path: Path, change: str
) -> None:
    file = tmp_path / "banjie.db"
    url = f"sqlite+aiosqlite:///{file}"
    assert run(tmp_path, "setup", "--database-url", url).returncode == 0
    with sqlite3.connect(file) as database:
        database.execute(f"UPDATE {change}")

    (remedy,) = asyncio.run(remedies(url))
    words = shlex.split(remedy.split("`")[1])
    assert words[:2] == ["banjie", "setup"]
    made = run(tmp_path, *words[1:], "--database-url", url, "--json")
    assert json.loads(made.stdout)["key"].startswith("bj_")
    assert asyncio.run(remedies(url)) == []


async def remedies(url: str) -> list[str]:
    """What mends that nobody administers; nothing if somebody does."""
    store = await Store.open(url)
    found = await check_organisation(store, "default")
    await store.close()
    return [each.remedy or "" for each in found if each.check == "administrator"]


def test_a_printed_key_is_the_key(system: System) -> None:
    assert (
        system.run("key", "print", "liu.yang").stdout.strip() == system.client["keys"]["liu.yang"]
    )


def test_the_oracle_finds_nothing_and_finds_a_loss(system: System, tmp_path: Path) -> None:
    assert system.ask("ops", "verify") == {"verified": True, "findings": []}
    copy = tmp_path / "copy.db"
    with sqlite3.connect(system.data_dir / "banjie.db") as here, sqlite3.connect(copy) as there:
        here.backup(there)
        lost = there.execute("SELECT number FROM cases").fetchone()[0]
        there.execute("PRAGMA foreign_keys=OFF")
        there.execute("DELETE FROM cases WHERE number = ?", [lost])
    url = f"sqlite+aiosqlite:///{copy}"
    document = system.ask("ops", "verify", "--database-url", url, "--patience", "0", code=10)
    assert document["verified"] is False
    assert lost in {finding["number"] for finding in document["findings"]}
