"""An export as CSV: a row for each entry, and nothing that a spreadsheet would compute."""

import csv
import io
from datetime import UTC, datetime

import pytest

from domain.mining.petri_net import activity
from domain.spreadsheets import cell
from tests.ops.exports import Exported
from tests.ops.recorded_stories import SHOUT

pytestmark = pytest.mark.xdist_group("export")


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_row_for_each_entry(exported: Exported) -> None:
    found = [(row["case"], row["seq"], row["activity"]) for row in rows(exported.text("csv"))]
    assert sorted(found) == sorted(
        (case.opening.number, str(entry.seq), activity(entry))
        for case in exported.cases
        for entry in case.entries
    )


def test_lines_end_as_the_standard_says(exported: Exported) -> None:
    text = exported.text("csv")
    assert text.endswith("\r\n")
    assert text.count("\r\n") == text.count("\n") == exported.entries + 1
    lengths = {len(line) for line in csv.reader(io.StringIO(text, newline=""))}
    assert len(lengths) == 1


def test_excel_gets_its_mark_and_nobody_else(exported: Exported) -> None:
    assert exported.text("excel") == "\ufeff" + exported.text("csv")


def test_words_come_through_whole(exported: Exported) -> None:
    told = {row["case"]: row for row in rows(exported.text("csv+texts")) if row["seq"] == "1"}
    for case in exported.cases:
        assert told[case.opening.number]["form_words"] == case.opening.form["words"]
        assert SHOUT in told[case.opening.number]["form_words"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_a_formula_is_disarmed(start: str) -> None:
    assert cell(f"{start}1+1") == f"'{start}1+1"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "true"),
        (-1, "-1"),
        (0.5, "0.5"),
        (datetime(2026, 3, 2, 1, tzinfo=UTC), "2026-03-02T01:00:00.000000Z"),
        ("1=1", "1=1"),
    ],
)
def test_a_value_as_text(value: str | float | datetime | None, text: str) -> None:
    assert cell(value) == text


@pytest.mark.parametrize(
    "start",
    ["＝", "＋", "－", "＠", "\ufeff=", "\u00a0=", "\u3000=", " =", "\u200b+", "\t=", "﹢", "＝\t"],
)
def test_a_formula_in_full_width_or_behind_a_blank_is_disarmed(start: str) -> None:
    assert cell(f"{start}1+1") == f"'{start}1+1"


@pytest.mark.parametrize("text", ["1＝1", "好", "", "a-b", "（＝）"])
def test_what_is_no_formula_stays(text: str) -> None:
    assert cell(text) == text
