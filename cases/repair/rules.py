"""The states of a repair, who handles it, how it ends, and the proposed class of repair."""

from enum import StrEnum, auto

from pydantic import JsonValue

from cases.common.classification import Urgency, candidate_rules_of, facts_of
from cases.common.front import Front, refuse_unexplained_withdrawal
from cases.common.offers import refuse_other_offer
from cases.common.rules import URGENT, best_match, mentions
from cases.common.tail import last_of, refuse_discontent
from domain.engine.case import Case
from domain.engine.definition import Facts
from domain.engine.rewind.compensation import ProcessHistory
from domain.engine.task_actions import CandidateRules
from domain.language.forms import Form
from domain.language.roles import Actor

from .errors import CustomerWithdrew
from .forms import Application, Classification, Fault, Quote, Trial

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


def check_step(
    process: ProcessHistory, case: Case, actor: Actor, form: Form, leads_to: str | None
) -> None:
    """Refuse what the table allows and the case as a whole does not.

    Raises:
        ReasonMissing, OtherOffer, NotContent, CustomerWithdrew
    """
    refuse_unexplained_withdrawal(actor, form)
    refuse_other_offer(process, case, form)
    refuse_discontent(form, leads_to)
    if isinstance(form, Quote) and _is_withdrawn(case):
        raise CustomerWithdrew(
            "The customer withdrew, so nothing is quoted: give the thing back. If the customer "
            "wants it repaired after all, open another case."
        )


def _is_withdrawn(case: Case) -> bool:
    """Return whether the customer withdrew since the repair was last begun."""
    entries = case.effective_entries()
    begun = max((e.seq for e in entries if e.led_to == Front.CLASSIFIED), default=0)
    return any(entry.step == "withdraw" for entry in entries if entry.seq > begun)


def propose(form: Form) -> dict[str, JsonValue]:
    """Return the classification that the words suggest."""
    words = form.words if isinstance(form, Application) else ""
    urgency = Urgency.HIGH if mentions(words, URGENT) else Urgency.NORMAL
    category = best_match(words, CLUES, Fault.OTHER)
    return Classification(category=category, urgency=urgency).canonical()
