"""The pages of the PDF: their size, and the line at the foot of each, which knows how many."""

from collections.abc import Callable
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from ops.record.content import Record
from ops.record.styles import CHINESE, GREY, LATIN

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
