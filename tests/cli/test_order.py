"""`banjie order`: a file of orders comes in whole or not at all, and an order is shown."""

from pathlib import Path

import pytest

from cli import order
from cli.order import _parts
from tests.cli.system import System

HEADING = "order,channel,line,product,quantity,unit_price,serials\n"


def rows(prefix: str, count: int) -> str:
    return "".join(f"{prefix}-{n},app,1,P-{n},2,9.90,\n" for n in range(count))


def test_a_file_is_tried_imported_and_shown(system: System, tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text(HEADING + rows("CLI", 3), encoding="utf-8-sig")
    tried = system.ask("order", "import", str(file), "--dry-run")
    assert [each["outcome"] for each in tried["rows"]] == ["added"] * 3
    assert system.run("order", "show", "CLI-1").returncode == 3
    done = system.run("order", "import", str(file))
    assert (done.returncode, done.stdout.count("CLI-")) == (0, 3)
    assert system.ask("order", "import", str(file))["rows"][2]["outcome"] == "replaced"
    shown = system.run("order", "show", "cli-1")
    assert "9.90 CNY" in shown.stdout


def test_a_wrong_row_is_told_by_its_line_and_nothing_written(
    system: System, tmp_path: Path
) -> None:
    file = tmp_path / "orders.csv"
    file.write_text(f"{HEADING}{rows('BAD', 2)}BAD-9,app,1,P,none,1,\n", encoding="utf-8")
    refused = system.run("order", "import", str(file))
    assert refused.returncode == 4
    assert "/4/quantity" in refused.stderr
    assert "nothing was written" in refused.stderr
    assert system.run("order", "show", "BAD-0").returncode == 3
    file.write_bytes(b"\xff\xfe")
    assert system.run("order", "import", str(file)).returncode == 2


def test_a_large_file_is_sent_in_parts_of_whole_orders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order, "PART", 100)
    text = f'{HEADING}A,app,1,P,1,1,\nB,app,1,"P\n2",1,1,\na,app,2,P,1,1,\n\nC,app,1,P,1,1,\n'
    parts = list(_parts(text))
    assert [part.text.removeprefix(HEADING) for part in parts] == [
        "A,app,1,P,1,1,\na,app,2,P,1,1,\n",
        'B,app,1,"P\n2",1,1,\nC,app,1,P,1,1,\n',
    ]
    assert [part.lines for part in parts] == [[1, 2, 5], [1, 4, 4, 7]]
    assert [parts[1].line(row) for row in (1, 3, 4)] == [1, 4, 7]
