"""`banjie policy`: what policies decide, what is wrong with one, and what two do differently."""

import json
from pathlib import Path

import pytest

from tests.cases.test_figures import FIGURES
from tests.cases.test_ordering import ORDERING
from tests.cases.test_policy_documents import TEXT
from tests.cases.test_simulation import ARRIVALS, STAFFING
from tests.cases.test_sorting import RULES
from tests.support.categories import CATEGORIES
from tests.support.command_runner import CommandLine, CommandResult, CommandRunner

VECTORS = """\
vectors:
  - {name: soon, clock: resolution, facts: {severity: serious}, start: 2026-03-02T10:00, due: DUE}
  - {name: never, clock: solution, facts: {category: price}, start: 2026-03-02T10:00, due: null}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    place = tmp_path / "policy.yaml"
    place.write_text(TEXT, encoding="utf-8")
    return place


def run(runner: CommandRunner, *words: str, language: str = "en_US") -> CommandResult:
    return runner.run(CommandLine(words, {"LANG": f"{language}.UTF-8"}))


def test_the_published_are_listed_and_shown(runner: CommandRunner) -> None:
    listed = json.loads(run(runner, "policy", "list", "--json").stdout)["items"]
    assert [each["version"] for each in listed if each["default"]] == ["2026-1"]
    shown = json.loads(run(runner, "policy", "show", "2026-1", "--json").stdout)["items"]
    solution = [each for each in shown if each["decides"] == "clock.solution"]
    assert solution == [
        {"decides": "clock.solution", "when": {"category": ["product_quality"]}, "value": "P2D"},
        {"decides": "clock.solution", "when": {}, "value": "none"},
    ]
    assert run(runner, "policy", "show", "1999-1").code == 3


def test_a_right_one_is_right_and_every_fault_is_told_with_its_line(
    runner: CommandRunner, file: Path
) -> None:
    right = run(runner, "policy", "check", str(file))
    assert (right.code, right.stdout) == (0, "2027-1 could be published: nothing is wrong.\n")
    file.write_text(TEXT.replace("PT15M", "soon").replace("  - {team: own}\n", ""), "utf-8")
    wrong = run(runner, "policy", "check", str(file), language="zh_CN")
    assert wrong.code == 4
    assert "第 6 行：请填写时长" in wrong.stderr
    told = json.loads(run(runner, "policy", "check", str(file), "--json").stdout)["error"]
    assert [(each["line"], each["code"]) for each in told["errors"]] == [(6, "duration_spelling")]
    file.write_bytes(b"\xff")
    assert run(runner, "policy", "check", str(file)).code == 2


def test_a_change_says_for_which_cases_it_is_one(runner: CommandRunner, file: Path) -> None:
    same = run(runner, "policy", "compare", str(file), str(file))
    assert same.stdout.strip() == "They decide the same."
    other = file.with_name("other.yaml")
    row = "{when: {severity: serious, tier: vip}, budget: PT12H}"
    serious = "      - {when: {severity: serious}"
    other.write_text(TEXT.replace(serious, f"      - {row}\n{serious}"), encoding="utf-8")
    changes = json.loads(run(runner, "policy", "compare", str(file), str(other), "--json").stdout)
    assert changes["changes"] == [
        {
            "decides": "clock.resolution",
            "when": {"severity": ["serious"], "tier": ["vip"]},
            "before": "P1D",
            "after": "PT12H",
        }
    ]


def test_vectors_are_tried_by_a_policy(runner: CommandRunner, file: Path) -> None:
    vectors = file.with_name("vectors.yaml")
    vectors.write_text(VECTORS.replace("DUE", "2026-03-03T10:00"), encoding="utf-8")
    held = run(runner, "policy", "test", str(vectors), "--policy", str(file))
    assert held.code == 0, held.stderr
    assert "2 vectors, 0 wrong." in held.stdout
    by_default = run(runner, "policy", "test", str(vectors))
    assert by_default.code == 10
    assert "2026-03-04T10:00" in by_default.stdout
    vectors.write_text(VECTORS.replace("DUE", "tomorrow"), encoding="utf-8")
    refused = run(runner, "policy", "test", str(vectors))
    assert (refused.code, "line 2" in refused.stderr) == (4, True)


ASSIGNED = "assignment:\n  teams: [{team: complaints, prefers: [load, skill]}]\n"


def test_who_is_assigned_by_rule_is_shown_and_compared(runner: CommandRunner, file: Path) -> None:
    other = file.with_name("other.yaml")
    other.write_text(f"{TEXT}{ASSIGNED}{ORDERING}", encoding="utf-8")
    shown = json.loads(run(runner, "policy", "show", str(other), "--json").stdout)["items"]
    assert shown[-1] == {
        "decides": "assignment.complaints", "when": {}, "value": "load, skill; P90D",
    }  # fmt: skip
    changes = json.loads(run(runner, "policy", "compare", str(file), str(other), "--json").stdout)
    decides = {each["decides"]: (each["before"], each["after"]) for each in changes["changes"]}
    assert decides["assignment.complaints"] == ("none", "load, skill; P90D")
    assert decides["head_start"] == ("PT0S", "PT4H")
    twice = "assignment:\n  teams: [{team: a}, {team: a, prefers: [load, load]}]\n"
    other.write_text(TEXT + twice, encoding="utf-8")
    wrong = run(runner, "policy", "check", str(other), language="zh_CN")
    assert wrong.code == 4
    assert "每种偏好只写一次" in wrong.stderr


def test_arrivals_are_played_with_people_fewer(runner: CommandRunner, file: Path) -> None:
    arrivals, staffing = file.with_name("arrivals.csv"), file.with_name("staffing.yaml")
    arrivals.write_text(ARRIVALS, encoding="utf-8")
    staffing.write_text(STAFFING.replace("[returns]", "[complaints]"), encoding="utf-8")
    words = ("policy", "simulate", str(arrivals), str(staffing), "--fewer", "1")
    played = json.loads(run(runner, *words, "--json").stdout)
    assert (played["policy"], played["assumed"]) == ("2026-1", ["complaints"])
    assert [each["agents"] for each in played["runs"]] == [2, 1]
    assert [each["wait"]["longest"] for each in played["runs"]] == [0.0, 24.0]
    shown = run(runner, *words, language="zh_CN")
    assert (shown.code, "未派出" in shown.stdout, "响应" in shown.stdout) == (0, True, True)
    other = file.with_name("other.yaml")
    other.write_text(TEXT + ASSIGNED, encoding="utf-8")
    by_rule = json.loads(run(runner, *words, "--policy", str(other), "--json").stdout)
    assert by_rule["assumed"] == []
    arrivals.write_text(ARRIVALS.replace("complaints,30", "complaints,-1", 1), encoding="utf-8")
    refused = run(runner, *words, "--json")
    (fault,) = json.loads(refused.stdout)["error"]["errors"]
    assert (refused.code, fault["pointer"]) == (4, "/0/minutes")


def test_what_differs_beside_the_tables_is_told(runner: CommandRunner, file: Path) -> None:
    other = file.with_name("categories.yaml")
    other.write_text(TEXT + CATEGORIES + FIGURES + RULES, encoding="utf-8")
    changes = json.loads(run(runner, "policy", "compare", str(file), str(other), "--json").stdout)
    told = {each["decides"]: (each["before"], each["after"]) for each in changes["changes"]}
    before, after = told["category.complaint.battery"]
    assert before == "none"
    assert after.startswith("电池问题 · Battery; acts_as: product_quality; subcategories: swollen")
    assert told["category.complaint.price"][1] == "none"
    assert told["category.complaint.service_attitude"][1].startswith("服务 · Service; checks: ")
    assert "category.complaint.product_quality" not in told
    assert told["figure.reopen_window"] == ("P7D", "P10D")
    assert told["classification.complaint.clues.1"] == ("none", "battery +3: 电池 | 鼓包 | battery")
    assert told["classification.complaint.severity.1"][1] == "serious: 鼓包 (category: battery)"
    shown = run(runner, "policy", "show", str(other)).stdout
    assert "category.complaint.battery" in shown
    assert "category.complaint.price" not in shown
