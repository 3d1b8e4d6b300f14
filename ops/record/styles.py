"""How the PDF looks: fonts that every reader of PDF brings along, sizes, colours, grids."""

import re
import unicodedata
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.platypus import TableStyle

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
