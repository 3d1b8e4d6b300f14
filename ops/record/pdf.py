"""The record as a PDF: A4, as many pages as it takes, the same bytes for the same record."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    HRFlowable,
    PageTemplate,
    Paragraph,
    Table,
    TableStyle,
)

from ops.record.content import Event, Line, Record

CHINESE, LATIN = "STSong-Light", "Helvetica"
registerFont(UnicodeCIDFont(CHINESE))

INK, GREY, LINE = HexColor("#1d2329"), HexColor("#5b6670"), HexColor("#1f4e79")
PALE, BACK = HexColor("#c9d3dc"), HexColor("#f5f7f9")
BAD = HexColor("#a3261b")

FIRST_PLANE = 0xFFFF
BOX = "□"
RUN = re.compile(r"[\x20-\x7e\xa0-\xff]+")
"""What Helvetica has; the Chinese font's own Latin letters are poor."""

_BASE = ParagraphStyle(
    "base", fontName=CHINESE, fontSize=10, leading=15.5, textColor=INK, wordWrap="CJK"
)
TITLE = ParagraphStyle("title", _BASE, fontSize=20, leading=26)
HEAD = ParagraphStyle(
    "head", _BASE, fontSize=12, leading=17, textColor=LINE, spaceBefore=15, spaceAfter=5,
    keepWithNext=True,
)  # fmt: skip
BODY = ParagraphStyle("body", _BASE)
QUOTE = ParagraphStyle(
    "quote", _BASE, backColor=BACK, borderPadding=7, leftIndent=8, rightIndent=8,
    spaceBefore=4, spaceAfter=8,
)  # fmt: skip
DETAIL = ParagraphStyle("detail", _BASE, fontSize=9.5, leading=14.5, leftIndent=12)
SMALL = ParagraphStyle("small", _BASE, fontSize=8.5, leading=13, textColor=GREY, spaceBefore=5)
RED = ParagraphStyle("red", _BASE, textColor=BAD)

_TIGHT = [
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("TOPPADDING", (0, 0), (-1, -1), 1),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 1),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
]
FACTS = TableStyle(_TIGHT)
GRID = TableStyle([*_TIGHT, ("LINEBELOW", (0, 0), (-1, -1), 0.4, PALE)])


def markup(text: str) -> str:
    """The text as paragraphs take it: nothing in it is markup, its lines stay lines."""
    return "<br/>".join(_line(line) for line in text.split("\n"))


def _line(line: str) -> str:
    shown = "".join(_shown(character) for character in line)
    return RUN.sub(lambda run: f'<font name="{LATIN}">{escape(run[0])}</font>', shown)


def _shown(character: str) -> str:
    # No font file is embedded: what the Chinese font's table cannot even name becomes a box.
    if ord(character) > FIRST_PLANE:
        return BOX
    return "" if unicodedata.category(character) == "Cf" else character


A4_PAGE = A4
MARGIN = 20 * mm
WIDTH = A4[0] - 2 * MARGIN
FOOT = 11 * mm


def numbered(record: Record) -> Callable[..., Canvas]:
    """A canvas that writes the number of the case and of the page on every page."""

    class Numbered(Canvas):
        """Keeps the pages until it is known how many they are."""

        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__(*given, **named)
            self._kept: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802 — the canvas calls it so
            self._kept.append(dict(self.__dict__))
            self._startPage()  # type: ignore[attr-defined]

        def save(self) -> None:
            for place, page in enumerate(self._kept, start=1):
                self.__dict__.update(page)
                self._foot(record.heads.page % {"page": place, "pages": len(self._kept)})
                super().showPage()
            super().save()

        def _foot(self, text: str) -> None:
            self.setFillColor(GREY)
            self.setFont(LATIN, 8)
            self.drawString(MARGIN, FOOT, record.number)
            self.setFont(CHINESE, 8)
            self.drawRightString(A4[0] - MARGIN, FOOT, text)

    return Numbered


NAMES = 34 * mm


def as_pdf(record: Record) -> bytes:
    """The file. Characters beyond Unicode's first plane (emoji) are shown as a box."""
    target = BytesIO()
    document = BaseDocTemplate(
        target,
        pagesize=A4_PAGE,
        title=f"{record.heads.title} {record.number}",
        author="Banjie",
        lang=record.language,
        invariant=1,
    )
    frame = Frame(MARGIN, MARGIN, WIDTH, A4_PAGE[1] - 2 * MARGIN, 0, 0, 0, 0)
    document.addPageTemplates(PageTemplate(frames=[frame]))
    document.build(list(_story(record)), canvasmaker=numbered(record))
    return target.getvalue()


def _story(record: Record) -> Iterator[Flowable]:
    heads = record.heads
    yield Paragraph(markup(heads.title), TITLE)
    yield HRFlowable(width="100%", thickness=1.2, color=LINE, spaceBefore=2, spaceAfter=6)
    yield _facts(record.facts)
    yield Paragraph(markup(heads.words), HEAD)
    yield Paragraph(markup(record.words), QUOTE)
    yield from _events(heads.done, record.events, heads.colon)
    if record.promises:
        yield Paragraph(markup(heads.promises), HEAD)
        yield _promises(record)
    sent = [Event(each.at, each.status, each.text) for each in record.messages]
    yield from _events(heads.messages, sent)
    yield from _events(heads.comments, record.comments)
    yield HRFlowable(width="100%", thickness=0.6, color=PALE, spaceBefore=14, spaceAfter=4)
    yield Paragraph(markup(heads.note), SMALL)
    yield Paragraph(markup(heads.printed), SMALL)


def _events(head: str, events: Sequence[Event], colon: str = "") -> Iterator[Flowable]:
    if not events:
        return
    yield Paragraph(markup(head), HEAD)
    for event in events:
        when = Paragraph(markup(f"{event.at}  ·  {event.by}"), SMALL)
        when.keepWithNext = True
        yield when
        yield Paragraph(markup(event.what), BODY)
        for name, value in event.details:
            yield Paragraph(
                f'<font color="{GREY.hexval()}">{markup(name + colon)}</font>{markup(value)}',
                DETAIL,
            )


def _facts(facts: Sequence[Line]) -> Table:
    rows = [
        [Paragraph(markup(name), SMALL), Paragraph(markup(value), BODY)] for name, value in facts
    ]
    return Table(rows, colWidths=[NAMES, WIDTH - NAMES], style=FACTS)


def _promises(record: Record) -> Table:
    heads = record.heads
    top = [Paragraph(markup(each), SMALL) for each in (heads.promise, heads.due, heads.kept)]
    rows = [
        [
            Paragraph(markup(promise.name), BODY),
            Paragraph(markup(promise.due), BODY),
            Paragraph(markup(promise.kept), RED if promise.broken else BODY),
        ]
        for promise in record.promises
    ]
    third = WIDTH / 10
    return Table(
        [top, *rows], colWidths=[3 * third, 3 * third, 4 * third], style=GRID, repeatRows=1
    )
