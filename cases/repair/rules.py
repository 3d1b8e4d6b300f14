"""The states of a repair, who handles it, how it ends, and the proposed class of repair."""

from enum import StrEnum, auto

from pydantic import JsonValue

from cases.common.classification import Urgency, candidate_rules_of, facts_of
from cases.common.rules import URGENT, best_match, mentions
from cases.common.tail import last_of
from domain.engine.case import Case
from domain.engine.definition import Facts
from domain.engine.task_actions import CandidateRules
from domain.language.forms import Form

from .forms import Application, Classification, Fault, Trial

CLUES = {
    Fault.LEAKING: "漏水|漏气|漏油|leak",
    Fault.IGNITION: "不点火|点不着|打不着|ignit",
    Fault.COOLING: "不制冷|不冷|结霜|not cold|cooling",
    Fault.SCREEN: "屏|花屏|黑屏|screen",
    Fault.NOISE: "异响|噪音|很吵|noise",
    Fault.POWER: "不开机|充不进|不通电|开不了机|没电|power",
}


class At(StrEnum):
    """Where a repair is worked on, and how it may end."""

    DISPATCHED = auto()
    TAKEN = auto()
    MISSED = auto()
    DIAGNOSING = auto()
    QUOTING = auto()
    QUOTED = auto()
    REPAIRING = auto()
    TESTING = auto()
    RETURNING = auto()
    RETURNING_UNREPAIRED = auto()
    UNREPAIRED = auto()


def candidate_rules(case: Case) -> CandidateRules:
    """Return who handles it, by hardness; repairers are candidates whatever it is."""
    return candidate_rules_of(case.latest(Classification), escalation_tier=case.escalation_tier)


def facts(case: Case) -> Facts:
    """Return what lists show of it."""
    classification = case.latest(Classification)
    return facts_of(classification, classification.category if classification else None)


def passed(_case: Case, test: Trial) -> bool:
    """Return whether the repaired thing works."""
    return test.passed


def ending(case: Case) -> StrEnum | None:
    """Return UNREPAIRED if the thing was given back as it was."""
    last = last_of(case, At.RETURNING, At.RETURNING_UNREPAIRED)
    return At.UNREPAIRED if last == At.RETURNING_UNREPAIRED else None


def propose(form: Form) -> dict[str, JsonValue]:
    """Return the classification that the words suggest."""
    words = form.words if isinstance(form, Application) else ""
    urgency = Urgency.HIGH if mentions(words, URGENT) else Urgency.NORMAL
    category = best_match(words, CLUES, Fault.OTHER)
    return Classification(category=category, urgency=urgency).canonical()
