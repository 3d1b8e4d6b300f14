"""The states of a complaint, who handles it, what it promises, and the proposed classification."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum, auto

from pydantic import JsonValue

from cases.common.authority import refuse_own_approval
from cases.common.classification import (
    Hardness,
    Severity,
    candidate_rules_of,
    facts_of,
)
from cases.common.clocks import target_of
from cases.common.errors import ChecksMissing
from cases.common.front import refuse_unexplained_withdrawal
from cases.common.measures import first_due, refuse_wrong_check
from cases.common.offers import Answer, refuse_other_offer
from cases.common.policy import policy_of
from cases.common.proposals import classified_by
from cases.common.routing import routing
from domain.engine.case import Case
from domain.engine.definition import Facts
from domain.engine.rewind.compensation import ProcessHistory
from domain.engine.task_actions import CandidateRules
from domain.language.calendars import ALWAYS
from domain.language.categories import no_such_code, terms_of
from domain.language.clocks import Clock, Target
from domain.language.forms import Form
from domain.language.roles import Actor
from domain.language.sorting import Reason

from .categories import CATEGORIES
from .figures import REJECTIONS, WAY_LIMITS
from .forms import (
    ChosenWay,
    Classification,
    DisputeWay,
    Finding,
)
from .money import refuse_wrong_payment

DISPUTE = Clock("dispute", from_receipt=False, by_policy=False)
"""How long the chosen way may take. It runs in place of the resolution, which is paused then."""

TEAM, SERIOUS_TEAM = "complaints", "serious_complaints"
"""Whose list shows it at first, and the other team that the published policies name."""


@dataclass(frozen=True)
class Handling:
    """Who handles a complaint of some severity (M 3.3.2).

    Args:
        hardness: the least hardness that it counts as, which decides who handles it.
    """

    hardness: Hardness


HANDLING: Mapping[Severity, Handling] = {
    Severity.MINOR: Handling(Hardness.ORDINARY),
    Severity.MODERATE: Handling(Hardness.COMPLEX),
    Severity.SERIOUS: Handling(Hardness.MAJOR),
}
"""What severity decides beside the policy, which gives it its team and its time (ours)."""


class At(StrEnum):
    """Where a complaint is worked on."""

    INVESTIGATING = auto()
    PROPOSING = auto()
    PROPOSED = auto()
    CARRYING_OUT = auto()
    PAYING = auto()
    MENDING = auto()
    DISPUTED = auto()
    SETTLING = auto()


def candidate_rules(case: Case) -> CandidateRules:
    """Return who handles it, by hardness and severity; either may raise the tier."""
    classification = case.latest(Classification)
    if classification is not None:
        least = HANDLING[classification.severity].hardness
        hardness = max(classification.hardness, least, key=list(Hardness).index)
        classification = classification.model_copy(update={"hardness": hardness})
    return candidate_rules_of(classification, escalation_tier=case.escalation_tier)


def facts(case: Case) -> Facts:
    """Return what lists show of it."""
    return classified(case).model_copy(update={"measure_due": first_due(case)})


def classified(case: Case) -> Facts:
    """Return what it is classified as; nothing before it is."""
    if (classification := case.latest(Classification)) is None:
        return Facts()
    return facts_of(case, classification, classification.category, classification.severity)


ROUTING = routing(classified, teams=[SERIOUS_TEAM])


def target(case: Case, clock: Clock) -> Target | None:
    """Return what the policy promises, and the limit of the way that a dispute goes."""
    if clock == DISPUTE:
        chosen = case.latest(ChosenWay)
        limit = WAY_LIMITS[chosen.way if chosen else DisputeWay.NEGOTIATION].of(case)
        milestones = policy_of(case).milestones["resolution"]
        return Target(limit, ALWAYS, milestones)
    return target_of(case, clock, classified)


def checks_done(case: Case) -> set[str]:
    """Return what of the playbook was looked at."""
    finding = case.latest(Finding)
    return {each.check for each in finding.checked} if finding else set()


def is_dispute(case: Case, _form: Answer) -> bool:
    """Return whether another rejection opens a dispute: since the work began, or began again."""
    rejections = 0
    for entry in reversed(case.effective_entries()):
        if entry.step in {"follow_up", "confirm", "reopen", "record_result"}:
            break
        rejections += entry.step == "reject_solution"
    return rejections + 1 >= REJECTIONS.of(case)


def is_promised(case: Case, _form: Form) -> bool:
    """Return whether an earlier solution was accepted, which the newest offer would replace."""
    entries = case.effective_entries()
    offers = (place for place, entry in enumerate(entries) if entry.step == "propose")
    newest = max(offers, default=0)
    return newest > 0 and entries[newest - 1].led_to in {At.CARRYING_OUT, At.MENDING}


def check_step(
    process: ProcessHistory, case: Case, actor: Actor, form: Form, leads_to: str | None
) -> None:
    """Refuse what the table allows and the case as a whole does not.

    Raises:
        ReasonMissing, OtherOffer, ChecksMissing, NoSuchMeasure, MeasureNotDue, StepNotAllowed,
        PaidAlready, OwnRequest, AboveCeiling
    """
    refuse_unexplained_withdrawal(actor, form)
    refuse_other_offer(process, case, form)
    refuse_skipped_checks(process, case, form)
    refuse_wrong_check(case, form)
    refuse_own_approval(case, actor, form, leads_to)
    refuse_wrong_payment(process, case, actor, form)


def refuse_skipped_checks(process: ProcessHistory, case: Case, form: Form) -> None:
    """Refuse to go on before what the playbook requires was looked at, and what is not in any.

    Raises:
        ChecksMissing, WrongForm
    """
    if not isinstance(form, Finding):
        return
    known = [each.code for each in terms_of(CATEGORIES.of(case), "check")]
    for place, each in enumerate(form.checked):
        if each.check not in known:
            raise no_such_code(form, f"/checked/{place}/check", "no_such_check", known)
    done = {each.check for each in form.checked}
    book = process.playbook(case)
    missing = [each.name for each in (book.checks if book else ()) if each.required]
    missing = [check for check in missing if check not in done]
    if missing:
        raise ChecksMissing(
            f"The playbook asks for more in the first contact: {', '.join(missing)}. Say in "
            "'checked' what came of each.",
            checks=[*missing],
        )


def propose(_form: Form, reasons: Sequence[Reason]) -> dict[str, JsonValue]:
    """Return the classification that the words suggest."""
    return classified_by(Classification, reasons, severity=Severity.MINOR)
