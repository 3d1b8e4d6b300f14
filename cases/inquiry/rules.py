"""The states of an inquiry, who handles it, what a suggestion is, and the proposed topic."""

from collections.abc import Sequence
from enum import StrEnum, auto

from pydantic import JsonValue

from cases.common.classification import candidate_rules_of, facts_of
from cases.common.front import refuse_unexplained_withdrawal
from cases.common.proposals import classified_by
from domain.engine.case import Case
from domain.engine.definition import Facts
from domain.engine.rewind.compensation import ProcessHistory
from domain.engine.task_actions import CandidateRules
from domain.language.forms import Form
from domain.language.roles import Actor
from domain.language.sorting import Reason

from .categories import CATEGORIES, Topic
from .forms import Classification


class At(StrEnum):
    """Where an inquiry is worked on, and how it may end."""

    ANSWERING = auto()
    SECOND_LINE = auto()
    HANDED_BACK = auto()
    HANDING_ON = auto()
    DECIDING = auto()
    THANKING = auto()
    THANKING_BY_HAND = auto()
    THANKED = auto()
    CONVERTING = auto()
    TELLING_NUMBERS = auto()
    TELLING_NUMBERS_BY_HAND = auto()
    CONVERTED = auto()


def candidate_rules(case: Case) -> CandidateRules:
    """Return who handles it, by hardness."""
    return candidate_rules_of(case.latest(Classification), escalation_tier=case.escalation_tier)


def facts(case: Case) -> Facts:
    """Return what lists show of it."""
    classification = case.latest(Classification)
    return facts_of(case, classification, classification.category if classification else None)


def is_suggestion(case: Case, form: Form) -> bool:
    """Return whether the classification handed in, or else the newest, says suggestion."""
    handed_in = form if isinstance(form, Classification) else None
    classification = handed_in or case.latest(Classification)
    category = classification.category if classification else None
    return CATEGORIES.own(case, category) == Topic.SUGGESTION


def check_step(
    _process: ProcessHistory, _case: Case, actor: Actor, form: Form, _leads_to: str | None
) -> None:
    """Refuse what the table allows and the case as a whole does not.

    Raises:
        ReasonMissing
    """
    refuse_unexplained_withdrawal(actor, form)


def propose(_form: Form, reasons: Sequence[Reason]) -> dict[str, JsonValue]:
    """Return the classification that the words suggest."""
    return classified_by(Classification, reasons)
