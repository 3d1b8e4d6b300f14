"""`banjie case import`: a file is tried, taken over, and comes again without harm."""

from pathlib import Path

from app.import_file import FileLine
from cli.case.imports import AT_ONCE, _parts
from tests.cli.system import System

HEADING = "kind,external_ref,received_at,channel,words,state,closed_at,outcome,history\n"
RECEIVED = "2020-01-02T10:00:00+08:00"


def row(n: int, kind: str = "inquiry") -> str:
    note = '"[{""at"": ""2020-01-03T10:00:00+08:00"", ""by"": ""小王"", ""text"": ""已回电""}]"'
    closed = f"closed,{RECEIVED},unconfirmed" if n % 2 else "answering,,"
    return f"{kind},CLI-{n},{RECEIVED},phone,发票还没到,{closed},{note}\n"


def test_a_file_is_tried_taken_over_and_comes_again(system: System, tmp_path: Path) -> None:
    file = tmp_path / "old.csv"
    file.write_text(HEADING + "".join(row(n) for n in range(3)), encoding="utf-8-sig")
    options = (str(file), "--source", "oldsys")
    tried = system.ask("case", "import", *options, "--dry-run")
    assert tried["totals"] == {"would_start": 3}
    done = system.ask("case", "import", *options)
    assert (done["totals"], [line["line"] for line in done["lines"]]) == (
        {"started": 3}, [2, 3, 4],
    )  # fmt: skip
    again = system.run("case", "import", *options)
    assert (again.returncode, "3" in again.stdout) == (0, True)
    shown = system.ask("case", "show", done["lines"][1]["number"])
    assert shown["case"]["outcome"] == "unconfirmed"
    said = system.ask("case", "comments", done["lines"][0]["number"])
    assert [each["body"] for each in said["items"]] == ["小王: 已回电"]


def test_a_wrong_line_is_told_and_the_rest_is_taken_over(system: System, tmp_path: Path) -> None:
    file = tmp_path / "old.csv"
    file.write_text(HEADING + row(10) + row(12, kind="refund"), encoding="utf-8")
    refused = system.run("case", "import", str(file))
    assert refused.returncode == 4
    assert "/kind" in refused.stdout
    assert "CLI-12" in refused.stdout
    assert "CLI-10" not in refused.stdout
    file.write_text('kind\n"x', encoding="utf-8")
    assert system.run("case", "import", str(file)).returncode == 2
    file.write_text(HEADING, encoding="utf-8")
    assert system.run("case", "import", str(file)).returncode == 2
    assert system.run("case", "import", str(tmp_path / "none.csv")).returncode == 3


def test_a_long_file_is_sent_in_parts() -> None:
    cases = [FileLine(n, {"n": n}) for n in range(2 * AT_ONCE + 1)]
    parts = [*_parts(cases)]
    assert [len(part) for part in parts] == [AT_ONCE, AT_ONCE, 1]
    assert [case for part in parts for case in part] == cases
    large = [FileLine(n, "长" * 200_000) for n in range(3)]
    assert [len(part) for part in _parts(large)] == [1, 1, 1]
