"""Sets the record as a PDF: A4, its font in it, the same bytes for the same record."""

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfbase.ttfonts import TTFont
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

FONT = "NotoSansSC"
_FACE = TTFont(FONT, Path(__file__).parent / "fonts/NotoSansSC-Regular.ttf")
registerFont(_FACE)

INK, GREY, LINE = HexColor("#1d2329"), HexColor("#5b6670"), HexColor("#1f4e79")
PALE, BACK = HexColor("#c9d3dc"), HexColor("#f5f7f9")
BAD = HexColor("#a3261b")

LAST_OF_FIRST_PLANE = 0xFFFF
"""reportlab writes no table by which a reader could copy characters beyond it."""
BOX = "□"
EMPTY_LINE = "\u3000"

_BASE = ParagraphStyle(
    "base", fontName=FONT, fontSize=10, leading=15.5, textColor=INK, wordWrap="CJK"
)
TITLE = ParagraphStyle("title", _BASE, fontSize=20, leading=26)
HEAD = ParagraphStyle(
    "head", _BASE, fontSize=12, leading=17, textColor=LINE, spaceBefore=15, spaceAfter=5,
    keepWithNext=True,
)  # fmt: skip
BODY = ParagraphStyle("body", _BASE)
QUOTE = ParagraphStyle("quote", _BASE, backColor=BACK, leftIndent=8, rightIndent=8)
QUOTE_PADDING, QUOTE_BEFORE, QUOTE_AFTER = 7, 4, 8
DETAIL = ParagraphStyle("detail", _BASE, fontSize=9.5, leading=14.5, leftIndent=12)
SMALL = ParagraphStyle("small", _BASE, fontSize=8.5, leading=13, textColor=GREY, spaceBefore=5)
RED = ParagraphStyle("red", _BASE, textColor=BAD)

_TIGHT = [
    ("FONTNAME", (0, 0), (-1, -1), FONT),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("TOPPADDING", (0, 0), (-1, -1), 1),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 1),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
]
FACTS = TableStyle(_TIGHT)
GRID = TableStyle([*_TIGHT, ("LINEBELOW", (0, 0), (-1, -1), 0.4, PALE)])

MARGIN = 20 * mm
WIDTH = A4[0] - 2 * MARGIN
FOOT = 11 * mm
NAMES = 34 * mm


def as_pdf(record: Record) -> bytes:
    """Return the file. Characters that the font lacks, emoji for one, are shown as a box."""
    target = BytesIO()
    document = BaseDocTemplate(
        target,
        pagesize=A4,
        title=f"{record.heads.title} {record.number}",
        author="Banjie",
        lang=record.language,
        invariant=1,
        initialFontName=FONT,
    )
    frame = Frame(MARGIN, MARGIN, WIDTH, A4[1] - 2 * MARGIN, 0, 0, 0, 0)
    document.addPageTemplates(PageTemplate(frames=[frame]))
    document.build(list(_flowables(record)), canvasmaker=_numbered_canvas(record))
    return target.getvalue()


def _flowables(record: Record) -> Iterator[Flowable]:
    heads = record.heads
    yield Paragraph(_markup(heads.title), TITLE)
    yield HRFlowable(width="100%", thickness=1.2, color=LINE, spaceBefore=2, spaceAfter=6)
    yield _facts(record.facts)
    yield Paragraph(_markup(heads.words), HEAD)
    yield from _quote(record.words)
    yield from _events(heads.done, record.events, heads.colon)
    if record.goods:
        yield Paragraph(_markup(heads.goods), HEAD)
        yield _goods(record)
    yield from _events(heads.money, record.money, heads.colon)
    if record.promises:
        yield Paragraph(_markup(heads.promises), HEAD)
        yield _promises(record)
    messages = [Event(each.at, each.status, each.text) for each in record.messages]
    yield from _events(heads.messages, messages)
    yield from _events(heads.comments, record.comments)
    yield HRFlowable(width="100%", thickness=0.6, color=PALE, spaceBefore=14, spaceAfter=4)
    yield Paragraph(_markup(heads.note), SMALL)
    yield Paragraph(_markup(heads.printed), SMALL)


def _events(head: str, events: Sequence[Event], colon: str = "") -> Iterator[Flowable]:
    if not events:
        return
    yield Paragraph(_markup(head), HEAD)
    for event in events:
        when = Paragraph(_markup(f"{event.at}  ·  {event.by}"), SMALL)
        when.keepWithNext = True
        yield when
        yield from _lines(event.what, BODY)
        for name, value in event.details:
            first, *others = value.split("\n")
            yield Paragraph(
                f'<font color="{GREY.hexval()}">{_markup(name + colon)}</font>{_markup(first)}',
                DETAIL,
            )
            yield from (_line(other, DETAIL) for other in others)


def _quote(text: str) -> Iterator[Flowable]:
    """Yield the customer's words on one background: only its ends are padded above and below."""
    lines = text.split("\n")
    for at, line in enumerate(lines):
        first, last = at == 0, at == len(lines) - 1
        above, below = QUOTE_PADDING * first, QUOTE_PADDING * last
        style = ParagraphStyle(
            "quoted line", QUOTE,
            borderPadding=(above, QUOTE_PADDING, below, QUOTE_PADDING),  # type: ignore[arg-type]
            spaceBefore=QUOTE_BEFORE * first, spaceAfter=QUOTE_AFTER * last,
        )  # fmt: skip
        yield _line(line, style)


def _lines(text: str, style: ParagraphStyle) -> Iterator[Flowable]:
    """Yield a paragraph for each line.

    One for the whole text would be laid out anew for what is left of it on every page: the square
    of its length.
    """
    yield from (_line(line, style) for line in text.split("\n"))


def _line(line: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph(_markup(line) or EMPTY_LINE, style)


def _facts(facts: Sequence[Line]) -> Table:
    rows = [
        [Paragraph(_markup(name), SMALL), Paragraph(_markup(value), BODY)] for name, value in facts
    ]
    return Table(rows, colWidths=[NAMES, WIDTH - NAMES], style=FACTS)


def _goods(record: Record) -> Table:
    heads = record.heads
    names = (heads.product, heads.unit, heads.unit_price, heads.standing)
    top = [Paragraph(_markup(each), SMALL) for each in names]
    rows = [
        [
            Paragraph(_markup(text), BODY)
            for text in (row.product, row.unit, row.price, row.standing)
        ]
        for row in record.goods
    ]
    tenth = WIDTH / 10
    widths = [3 * tenth, 2 * tenth, 2 * tenth, 3 * tenth]
    return Table([top, *rows], colWidths=widths, style=GRID, repeatRows=1)


def _promises(record: Record) -> Table:
    heads = record.heads
    top = [Paragraph(_markup(each), SMALL) for each in (heads.promise, heads.due, heads.kept)]
    rows = [
        [
            Paragraph(_markup(promise.name), BODY),
            Paragraph(_markup(promise.due), BODY),
            Paragraph(_markup(promise.kept), RED if promise.broken else BODY),
        ]
        for promise in record.promises
    ]
    third = WIDTH / 10
    return Table(
        [top, *rows], colWidths=[3 * third, 3 * third, 4 * third], style=GRID, repeatRows=1
    )


def _markup(line: str) -> str:
    """Return a line as a paragraph's markup; nothing in it is markup itself."""
    return escape("".join(_drawable(character) for character in line))


def _drawable(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cf":
        return ""
    if ord(character) <= LAST_OF_FIRST_PLANE and ord(character) in _FACE.face.charToGlyph:
        return character
    if category == "Zs":
        return " "
    return "" if category.startswith("M") else BOX


def _numbered_canvas(record: Record) -> Callable[..., Canvas]:
    """Return a canvas that writes the numbers of the case and of the page on every page."""

    class Numbered(Canvas):
        """Keeps all pages until their number is known."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self._pages: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802 — the canvas calls it so
            self._pages.append(dict(self.__dict__))
            self._startPage()  # type: ignore[attr-defined]

        def save(self) -> None:
            for place, page in enumerate(self._pages, start=1):
                self.__dict__.update(page)
                self._write_foot(record.heads.page % {"page": place, "pages": len(self._pages)})
                super().showPage()
            super().save()

        def _write_foot(self, text: str) -> None:
            self.setFillColor(GREY)
            self.setFont(FONT, 8)
            self.drawString(MARGIN, FOOT, record.number)
            self.drawRightString(A4[0] - MARGIN, FOOT, text)

    return Numbered
