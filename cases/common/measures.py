"""What is learnt from a case: improvement measures (改进措施), their effect, and a lesson kept."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum, auto
from typing import Annotated, Any

from pydantic import AfterValidator, ValidationInfo
from pydantic_core import PydanticCustomError

from cases.common.errors import MeasureNotDue, NoSuchMeasure
from cases.common.figures import REOPEN_WINDOW
from cases.common.offers import Seq
from cases.common.policy import ZONE
from cases.common.roles import HANDLERS
from domain.engine.case import Case
from domain.language.forms import Form
from domain.language.table import Step, step
from domain.language.values import Code, Day, Text, in_zone, refers_to
from domain.language.waits import Wait

RECORD, CHECK = "record_measure", "check_measure"

DUE_SOON = timedelta(days=3)
"""So long before its day the owner of a measure is reminded (ours)."""

DUE_WITHIN = timedelta(days=90)
"""How far ahead a measure may be due (ours)."""

CHECKED_WITHIN = REOPEN_WINDOW + DUE_WITHIN + timedelta(days=30)
"""How long a closed case waits for its measures to be checked: a month after the latest (ours)."""


def _within_reach(day: date, info: ValidationInfo) -> date:
    at = (info.context or {}).get("at")
    today = day if at is None else in_zone(at, ZONE).date()
    if day < today:
        raise PydanticCustomError("day_in_the_past", "this day is over")
    if day - today > DUE_WITHIN:
        raise PydanticCustomError(
            "day_too_far", "this day is more than {days} days ahead", {"days": DUE_WITHIN.days}
        )
    return day


class Measure(Form):
    """What is to be done so that it does not happen again: by which person or team, until when."""

    measure: Text
    owner: Annotated[Code, refers_to("owner")]
    due: Annotated[Day, AfterValidator(_within_reach)]


class MeasureCheck(Form):
    """Whether a measure had its effect; `of` is the entry that records it."""

    of: Seq
    effective: bool
    effect: Text


class Lesson(Form):
    """A summary for the knowledge base: what it was about, and what helps."""

    problem: Text
    advice: Text


class Standing(StrEnum):
    """How a measure stands whose effect nobody checked yet."""

    OVERDUE = auto()
    DUE_SOON = auto()
    LATER = auto()


@dataclass(frozen=True)
class OpenMeasure:
    """A measure whose effect nobody checked yet; `seq` is the entry that records it."""

    seq: int
    measure: Measure

    def standing(self, today: date) -> Standing:
        """Return how it stands on a day; until its day is over it is not overdue."""
        if self.measure.due < today:
            return Standing.OVERDUE
        return Standing.DUE_SOON if self.measure.due <= today + DUE_SOON else Standing.LATER


def open_measures(
    steps: Sequence[tuple[int, str, Mapping[str, Any]]], effective: Collection[int] | None = None
) -> list[OpenMeasure]:
    """Return the measures of a case that nobody checked, in the order of its entries.

    Args:
        steps: the seq, step and form of the entries that record measures or check them.
        effective: the entries that nothing has taken back; None if nothing was.
    """
    counted = [each for each in steps if effective is None or each[0] in effective]
    checked = {form.get("of") for _, step, form in counted if step == CHECK}
    return [
        OpenMeasure(seq, Measure.lenient(dict(form)))
        for seq, step, form in counted
        if step == RECORD and seq not in checked
    ]


def learning(here: StrEnum, until: Wait | None = None) -> list[Step]:
    """Return the steps by which what is learnt is written down; the case stays where it is.

    A case that takes them for a time only waits longer for a measure that nobody checked yet.
    """
    check_until = until and CHECKED_WITHIN
    check = step(CHECK, MeasureCheck, by=HANDLERS, to=here, until=check_until, reports=True)
    return [
        step(RECORD, Measure, by=HANDLERS, to=here, until=until, reports=True),
        replace(check, given=_has_open_measure),
        step("keep_lesson", Lesson, by=HANDLERS, to=here, until=until, reports=True),
    ]


def first_due(case: Case) -> date | None:
    """Return the first day on which a measure is due that nobody checked yet; None without one."""
    steps = [(entry.seq, entry.step or "", entry.form) for entry in case.effective_entries()]
    return min((each.measure.due for each in open_measures(steps)), default=None)


def _has_open_measure(case: Case) -> bool:
    return first_due(case) is not None


def refuse_wrong_check(case: Case, form: Form) -> None:
    """Refuse to check a measure that the case does not have, and one before its day.

    Until then it is being carried out, and nobody can say yet what it brought.

    Raises:
        NoSuchMeasure, MeasureNotDue
    """
    if not isinstance(form, MeasureCheck):
        return
    known = [entry.seq for entry in case.effective_entries() if entry.step == RECORD]
    if form.of not in known:
        raise NoSuchMeasure(
            f"Entry {form.of} records no measure; those that do are {known or 'none'}.",
            entry=form.of,
            measures=[*known],
        )
    due = Measure.lenient(case.entries[form.of - 1].form).due
    if case.now is not None and in_zone(case.now, ZONE).date() < due:
        raise MeasureNotDue(
            f"The measure of entry {form.of} is due on {due}: its effect is checked from that day "
            "on, not before.",
            entry=form.of,
            due=due.isoformat(),
        )
