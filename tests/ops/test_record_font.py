"""The PDF brings its font along, so that it prints alike on a machine that has no Chinese one."""

import hashlib
import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from cases import CURRENT
from domain.engine.process import Process
from i18n.labels import LOCALES
from ops.record import Material
from ops.record.content import Record
from ops.record.pdf import as_pdf
from tests.architecture.source import ROOT
from tests.ops.printed_records import pages, paper, pdf_text, sent, told

FOLDER = ROOT / "ops/record/fonts"
FILE_KEYS = {"/FontFile", "/FontFile2", "/FontFile3"}
MOST_OF_A_RECORD = 100_000
"""Bytes that no record of a story takes."""
MOST_OF_A_CHARACTER = 500
"""Bytes of a character's outline on average, and of each place where it stands."""
FOOT = re.compile(r"TS\d+第\d+页，共\d+页")


def fonts_of(content: bytes) -> Iterator[dict[str, Any]]:
    for page in PdfReader(BytesIO(content)).pages:
        for font in page["/Resources"]["/Font"].values():  # type: ignore[index]
            yield font.get_object()


def saying(text: str) -> Record:
    story = told(CURRENT["complaint"])[0]
    return replace(paper(Material(story.entries)), words=text)


@pytest.mark.parametrize("process", CURRENT.values(), ids=CURRENT)
@pytest.mark.parametrize("locale", LOCALES)
def test_every_font_is_in_the_file_and_the_file_stays_small(process: Process, locale: str) -> None:
    for case in told(process):
        content = as_pdf(paper(Material(case.entries, sent(process, case)), locale))
        fonts = list(fonts_of(content))
        assert fonts
        for font in fonts:
            assert FILE_KEYS & font["/FontDescriptor"].keys(), font["/BaseFont"]
            assert "/ToUnicode" in font, "its text can be copied and searched"
        assert len(content) < MOST_OF_A_RECORD


def test_chinese_is_read_back_with_rare_names_and_signs() -> None:
    said = "龚䶮、㛃女士：①换新②退款，“轴承”—异响…￥129.50，température 5℃ · Ω Ж × →"
    assert "".join(said.split()) in pdf_text(saying(said))


def test_thousands_of_characters_take_several_parts_of_the_font() -> None:
    every = "".join(chr(code) for code in range(0x4E00, 0x4E00 + 3_000))
    content = as_pdf(saying(every))
    assert len({font["/BaseFont"] for font in fonts_of(content)}) > 10
    assert every in FOOT.sub("", "".join("".join(pages(content)).split()))
    assert len(content) < 3_000 * MOST_OF_A_CHARACTER


def test_what_the_font_lacks_is_a_box_and_marks_vanish() -> None:
    text = pdf_text(saying("甲😀乙☎\ufe0f丙\u2003丁𠀀戊"))
    assert "甲□乙" in text
    assert "\ufe0f" not in text
    assert "丙丁□戊" in text


def test_font_and_licence_are_those_of_the_decision() -> None:
    decision = (ROOT / "docs/decisions/0027-one-font-in-the-file.md").read_text(encoding="utf-8")
    (font,) = FOLDER.glob("*.ttf")
    assert hashlib.sha256(font.read_bytes()).hexdigest() in decision
    assert "SIL OPEN FONT LICENSE Version 1.1" in (FOLDER / "OFL.txt").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "ops/record/fonts/OFL.txt" in project["license-files"]
