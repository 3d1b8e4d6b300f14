"""Cases put on paper by tests: every story, every state, and one full of what must not be read."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from io import BytesIO
from zoneinfo import ZoneInfo

from pypdf import PdfReader

from cases import KINDS, stories_of
from cases.common.figures import FAILED_ATTEMPTS
from domain.engine.case import Case
from domain.engine.process import Process
from domain.language.entries import Entry
from domain.language.roles import Actor
from domain.read_models.projection import NoticeView, projection_update
from domain.stories import play
from ops.record import Material, compose
from ops.record.content import Record
from ops.record.pdf import as_pdf
from store.outbox.records import Delivery, OutboxRow
from tests.cases.random_walks import EVERYTHING, Walk, _actor, _forms
from tests.cases.test_imports import open_states, taken_over
from tests.support.cases import new_number, request

ZONE = ZoneInfo("Asia/Shanghai")
PRINTED = datetime(2026, 11, 22, 4, 5, tzinfo=UTC)


def paper(material: Material, locale: str = "zh_CN") -> Record:
    """The record, always printed at the same moment."""
    return compose(material, locale, ZONE, PRINTED)


def told(process: Process) -> Sequence[Case]:
    """The kind's stories, at their end; nobody changes them."""
    return _told(process.kind, process.version)


@cache
def _told(kind: str, version: int) -> Sequence[Case]:
    process = KINDS[kind, version]
    return [play(process, each, new_number(process.prefix)).case for each in stories_of(kind)]


def told_and_taken_over(process: Process) -> Iterator[Case]:
    """The kind's stories, and a case of another system that paid something back."""
    yield from told(process)
    paid = {"amount": "250.00", "currency": "CNY"}
    yield taken_over(process, open_states(process)[0], timedelta(days=1), paid_back=paid).case


def sent(process: Process, case: Case) -> list[OutboxRow]:
    """The rows of the outbox of this case: in turn delivered, waiting, dead."""
    notices = projection_update(process, case, 0).notices
    states = list(Delivery)
    return [_row(notice, states[n % len(states)]) for n, notice in enumerate(notices)]


def everywhere(process: Process) -> dict[str, Sequence[Entry]]:
    """A history that ends in each state: a beginning of a story, or a step on from one."""
    found: dict[str, Case] = {}
    for case in told(process):
        for length in range(1, len(case.entries) + 1):
            part = process.fold(case.opening, case.entries[:length])
            found.setdefault(part.state, part)
    for state in process.states:
        if state.name.value not in found:
            found[state.name.value] = _one_on(process, found, state.name.value)
    return {state: case.entries for state, case in found.items()}


def _one_on(process: Process, found: Mapping[str, Case], wanted: str) -> Case:
    for case in found.values():
        for step in process.state_of(case).steps:
            walk = Walk(process, case.copy())
            for form in _forms(walk, step) if wanted in step.arrows.values() else ():
                walk = Walk(process, case.copy())
                walk.now = case.last.at
                for n in range(FAILED_ATTEMPTS.usual):
                    asked = (step.name, form.canonical())
                    actor = _actor(step) or EVERYTHING
                    walk.now += timedelta(days=1)
                    if walk.case.state == case.state:
                        walk.attempt(request(f"on-{n}", asked, actor=actor))
                if walk.case.state == wanted:
                    return walk.case
    raise AssertionError(f"no way to {wanted}")


def pages(content: bytes) -> list[str]:
    """The text of each page of a PDF."""
    return [page.extract_text() for page in PdfReader(BytesIO(content)).pages]


def pdf_text(record: Record) -> str:
    """All that a reader of the PDF may read, without the breaks of lines."""
    return "".join("".join(pages(as_pdf(record))).split())


def staff(entries: Sequence[Entry]) -> set[str]:
    """The ids of our people in a history, whoever acted or was handed the work."""
    actors: Iterator[Actor] = (entry.actor for entry in entries)
    ids = {actor.id for actor in actors if actor.is_staff}
    return (
        ids | {str(e.form["assignee"]) for e in entries if "assignee" in e.form} | {EVERYTHING.id}
    )


def _row(notice: NoticeView, status: Delivery) -> OutboxRow:
    done = notice.at if status is Delivery.DELIVERED else None
    return OutboxRow(
        **notice.model_dump(exclude={"schema_version"}),
        status=status,
        attempts=1,
        next_at=None,
        lease_until=None,
        delivered_at=done,
        message=f"note-{notice.number}-{notice.seq}",
        channel="phone",
        reason="no_contact" if status is Delivery.DEAD else None,
    )
