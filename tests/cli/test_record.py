"""`banjie case record`: a file, whole or not there."""

import json
from pathlib import Path

from pypdf import PdfReader

from tests.cli.system import System


def test_a_record_is_written_in_both_formats(system: System, tmp_path: Path) -> None:
    number = system.ask("case", "list", "--limit", "1")["items"][0]["number"]
    pdf, page = tmp_path / "r.pdf", tmp_path / "r.html"
    document = system.ask("case", "record", number, "--out", str(pdf))
    assert document == {
        "number": number, "file": str(pdf), "format": "pdf", "bytes": pdf.stat().st_size,
        "lang": "zh",
    }  # fmt: skip
    assert "服务记录" in PdfReader(pdf).pages[0].extract_text()
    assert system.run("case", "record", number, "--out", str(page), "--lang", "en").returncode == 0
    assert "Service record" in page.read_text(encoding="utf-8")
    assert page.stat().st_mode & 0o077 == 0


def test_what_cannot_be_written_is_said(system: System, tmp_path: Path) -> None:
    number = system.ask("case", "list", "--limit", "1")["items"][0]["number"]
    asked = {
        2: ("case", "record", number, "--out", str(tmp_path / "r.docx")),
        3: ("case", "record", "TS202603024829107", "--out", str(tmp_path / "r.pdf")),
        1: ("case", "record", number, "--out", str(tmp_path / "no" / "r.pdf")),
    }
    for code, words in asked.items():
        outcome = system.run(*words, "--json")
        assert outcome.returncode == code, outcome.stderr
        assert json.loads(outcome.stdout)["error"]["exit"] == code
    assert list(tmp_path.iterdir()) == []
