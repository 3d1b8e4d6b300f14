"""The record as a PDF: A4, as many pages as it takes, the same bytes for the same record."""

from collections.abc import Iterator, Sequence
from io import BytesIO

from reportlab.lib.units import mm
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    HRFlowable,
    PageTemplate,
    Paragraph,
    Table,
)

from ops.record.content import Event, Line, Record
from ops.record.pages import A4_PAGE, MARGIN, WIDTH, numbered
from ops.record.styles import (
    BODY,
    DETAIL,
    FACTS,
    GREY,
    GRID,
    HEAD,
    LINE,
    PALE,
    QUOTE,
    RED,
    SMALL,
    TITLE,
    markup,
)

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
