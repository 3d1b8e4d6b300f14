"""What tables up to version 2 refuse and promise; it goes when their last case ends."""

from cases.common.authority import Approval, Payment, refuse_above_ceiling, refuse_approval
from cases.common.classification import candidate_rules_of
from cases.common.clocks import target_of
from cases.common.front import refuse_unexplained_withdrawal
from cases.common.offers import refuse_other_offer
from domain.engine.case import Case
from domain.engine.definition import Facts
from domain.engine.rewind.compensation import ProcessHistory
from domain.engine.task_actions import CandidateRules
from domain.language.clocks import Clock, Target
from domain.language.forms import Form
from domain.language.roles import Actor

from .forms import Classification
from .forms_v2 import Solution


def candidate_rules(case: Case) -> CandidateRules:
    """Return who handles it, by hardness and severity; either may raise the tier."""
    classification = case.latest(Classification)
    severity = classification.severity if classification else None
    return candidate_rules_of(classification, severity, case.escalation_tier)


def target(case: Case, clock: Clock) -> Target | None:
    """Return what the policy promises a case of its category."""
    return target_of(case, clock, category_alone)


def category_alone(case: Case) -> Facts:
    """Return what promises could depend on in those versions."""
    classification = case.latest(Classification)
    return Facts(category=classification.category) if classification else Facts()


def check_step(
    process: ProcessHistory, case: Case, actor: Actor, form: Form, _leads_to: str | None
) -> None:
    """Refuse what the table allows and the case as a whole does not.

    Raises:
        ReasonMissing, OtherOffer, AboveCeiling
    """
    refuse_unexplained_withdrawal(actor, form)
    refuse_other_offer(process, case, form)
    if isinstance(form, Approval):
        refuse_approval(case, actor, form, spent(process, case))
    if isinstance(form, Solution):
        refuse_above_ceiling(case, actor, form.cost, spent(process, case))


def spent(process: ProcessHistory, case: Case) -> list[Payment]:
    """Return what the solutions cost that were carried out, rewound ones included."""
    done = [entry.seq for entry in case.entries if entry.step == "carry_out"]
    solutions = [(seq, process.as_of(case, seq).latest(Solution)) for seq in done]
    return [(seq, solution.cost) for seq, solution in solutions if solution is not None]
