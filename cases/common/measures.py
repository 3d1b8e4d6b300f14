"""What is learnt from a case: improvement measures (改进措施), their effect, and a lesson kept."""

from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, ValidationInfo
from pydantic_core import PydanticCustomError

from cases.common.errors import NoSuchMeasure
from cases.common.offers import Seq
from cases.common.policy import ZONE
from cases.common.roles import HANDLERS
from domain.engine.case import Case
from domain.language.forms import Form
from domain.language.table import Step, step
from domain.language.values import Code, Day, Text, in_zone

RECORD = "record_measure"


def _not_past(day: date, info: ValidationInfo) -> date:
    at = (info.context or {}).get("at")
    if at is not None and day < in_zone(at, ZONE).date():
        raise PydanticCustomError("day_in_the_past", "this day is over")
    return day


class Measure(Form):
    """What is to be done so that it does not happen again: by whom, until when."""

    measure: Text
    owner: Code
    due: Annotated[Day, AfterValidator(_not_past)]


class MeasureCheck(Form):
    """Whether a measure had its effect; `of` is the entry that records it."""

    of: Seq
    effective: bool
    effect: Text


class Lesson(Form):
    """A summary for the knowledge base: what it was about, and what helps."""

    problem: Text
    advice: Text


def learning(here: StrEnum, until: timedelta | None = None) -> list[Step]:
    """Return the steps by which what is learnt is written down; the case stays where it is."""
    return [
        step(RECORD, Measure, by=HANDLERS, to=here, until=until, reports=True),
        step("check_measure", MeasureCheck, by=HANDLERS, to=here, until=until, reports=True),
        step("keep_lesson", Lesson, by=HANDLERS, to=here, until=until, reports=True),
    ]


def refuse_unknown_measure(case: Case, form: Form) -> None:
    """Refuse to check a measure that the case does not have.

    Raises:
        NoSuchMeasure
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
