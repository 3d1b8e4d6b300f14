"""The gate: kept histories pass today's code and compatible changes, never incompatible ones."""

import json
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.source import PACKAGES
from tests.support.wheel import build_wheel, copy_sources

pytestmark = pytest.mark.xdist_group("gate")
ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden"
GOLDEN_COUNT = len(list(GOLDEN.rglob("*.json.gz")))


def gate(code: Path, golden: Path = GOLDEN) -> tuple[int, dict[str, Any]]:
    """The exit code and the report of a checkout's gate on kept histories."""
    command = ["-m", "cli.main", "gate", "--no-temporal", "--golden", str(golden), "--json"]
    ran = subprocess.run(
        [sys.executable, *command], cwd=code, capture_output=True, text=True, check=False
    )
    return ran.returncode, json.loads(ran.stdout)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in PACKAGES:  # with what is compiled: Python makes anew only what is edited
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path


@dataclass(frozen=True)
class Change:
    """An edit, and the step at which some history must diverge, if one is named."""

    old: str
    new: str
    file: str = "cases/complaint/process.py"
    step: str | None = None


NEW_STEP = """            step("ask_back", Lapse, by=HANDLERS, to=At.INVESTIGATING),
            reclassify(At.INVESTIGATING),
"""
COMPATIBLE = {
    "a new step and a notice": Change(
        "            reclassify(At.INVESTIGATING),\n",
        NEW_STEP.replace("INVESTIGATING)", 'INVESTIGATING, does=[notify("asked")])', 1),
    ),
    "another text": Change('"the cause, and a view of the request"', '"what went wrong"'),
}
INCOMPATIBLE = {
    "a step was removed": Change(
        '            step("reject_solution", Answer, by=CUSTOMER_OR_DESK, to=At.PROPOSING),\n',
        "",
        file="cases/complaint/process_v1.py",
        step="reject_solution",
    ),
    "a step leads elsewhere": Change(
        'step("reject_solution", Answer, by=CUSTOMER_OR_DESK, to=At.PROPOSING)',
        'step("reject_solution", Answer, by=CUSTOMER_OR_DESK, to=At.INVESTIGATING)',
        file="cases/complaint/process_v1.py",
        step="reject_solution",
    ),
    "a field of a form was removed": Change(
        "    reasonable: bool\n", "", file="cases/complaint/forms.py", step="investigate"
    ),
    "a budget was changed": Change(
        '"resolution": {\n      "budget": "PT48H"',
        '"resolution": {\n      "budget": "PT12H"',
        file="policies/published/2026-1.json",
    ),
    "the workflow waits where it did not": Change(
        "        while True:\n            await workflow.wait_condition(lambda: self.recorded <",
        "        await workflow.sleep(1)\n        while True:\n"
        "            await workflow.wait_condition(lambda: self.recorded <",
        file="workflows/case.py",
    ),
}


def apply(change: Change, checkout: Path) -> None:
    file = checkout / change.file
    text = file.read_text(encoding="utf-8")
    assert change.old in text, "the table no longer has what this test changes"
    file.write_text(text.replace(change.old, change.new), encoding="utf-8")


def test_todays_code_does_what_was_kept() -> None:
    code, report = gate(ROOT)
    assert (code, report["same"], report["histories"]) == (0, True, GOLDEN_COUNT)
    assert GOLDEN_COUNT >= 14


def ended(code: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "cli.main", "gate", *words]
    return subprocess.run(command, cwd=code, capture_output=True, text=True, check=False)


def test_code_without_kept_histories_passes_nothing(checkout: Path) -> None:
    ran = ended(checkout, "--no-temporal")
    assert ran.returncode == 2
    assert "--golden" in ran.stderr


def test_a_gate_that_looked_at_nothing_fails(tmp_path: Path) -> None:
    ran = ended(ROOT, "--no-temporal", "--golden", str(tmp_path))
    assert ran.returncode == 1
    assert "no histories" in ran.stderr


def test_the_kept_histories_travel_with_the_wheel(tmp_path: Path) -> None:
    copy_sources(tmp_path / "source")
    installed = tmp_path / "installed"
    with zipfile.ZipFile(build_wheel(tmp_path / "source", tmp_path)) as file:
        file.extractall(installed)
    ran = ended(installed, "--no-temporal", "--json")
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["histories"] == GOLDEN_COUNT


@pytest.mark.parametrize("change", COMPATIBLE.values(), ids=COMPATIBLE)
def test_a_compatible_change_passes(change: Change, checkout: Path) -> None:
    apply(change, checkout)
    code, report = gate(checkout)
    assert report["diverging"] == []
    assert code == 0


@pytest.mark.parametrize("change", INCOMPATIBLE.values(), ids=INCOMPATIBLE)
def test_an_incompatible_change_is_refused_and_named(change: Change, checkout: Path) -> None:
    apply(change, checkout)
    code, report = gate(checkout)
    assert code == 10
    assert report["diverging"]
    assert all(each["event"] and each["detail"] for each in report["diverging"])
    assert change.step in {None, *(each["step"] for each in report["diverging"])}


def test_code_that_cannot_be_loaded_is_refused(checkout: Path) -> None:
    apply(Change("to=At.SETTLING", "to=At.DISPUTED"), checkout)
    command = [sys.executable, "-m", "cli.main", "gate", "--no-temporal", "--golden", str(GOLDEN)]
    ran = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert "settling is never reached" in ran.stderr


def test_code_that_cannot_make_a_cases_rows_is_refused(checkout: Path) -> None:
    # No entry differs by it, and a replayed workflow makes no rows.
    apply(
        Change(
            "outcome=state.outcome,",
            "outcome=state.outcome[:9],",
            "domain/read_models/projection.py",
        ),
        checkout,
    )
    code, report = gate(checkout)
    assert code == 10
    assert {each["sort"] for each in report["diverging"]} == {"broken"}
    assert "what the store is told" in report["diverging"][0]["detail"]
