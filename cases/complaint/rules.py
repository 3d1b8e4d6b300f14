"""The states of a complaint, who handles it, what it promises, and the proposed classification."""

from enum import StrEnum, auto

from pydantic import JsonValue

from cases.common.authority import Approval, Payment, refuse_above_ceiling, refuse_approval
from cases.common.classification import (
    Hardness,
    Severity,
    Urgency,
    candidate_rules_of,
    facts_of,
)
from cases.common.clocks import SOLUTION, target_of
from cases.common.front import refuse_unexplained_withdrawal
from cases.common.offers import refuse_other_offer
from cases.common.rules import GRAVE, URGENT, best_match, mentions
from domain.engine.case import Case
from domain.engine.definition import Facts
from domain.engine.rewind.compensation import ProcessHistory
from domain.engine.task_actions import CandidateRules
from domain.language.clocks import Clock, Target
from domain.language.forms import Form
from domain.language.roles import Actor

from .forms import Category, Classification, Complaint, Solution

CLUES = {
    Category.PRODUCT_QUALITY: (
        "质量|坏|故障|死机|重启|卡顿|裂|不能用|不好用|异响|噪音|做工|不灵|失灵|发热|散热|亮点|"
        "烂|变质|过期|发霉|长毛|难吃|不好吃|掉色|起球|劣质|broken|defect"
    ),
    Category.SERVICE_ATTITUDE: "态度|客服|无礼|敷衍|不理|服务|rude",
    Category.AFTER_SALES: "售后|退款|退货|换货|维修|发票|保修|refund",
    Category.LOGISTICS: "物流|快递|发货|送货|包装|配送|破损|delivery",
    Category.PRICE: "降价|价格|保价|贵|促销|优惠|赠品|price",
    Category.DESCRIPTION: "描述|不符|假货|假的|正品|色差|虚假|骗|图片",
}


class At(StrEnum):
    """Where a complaint is worked on."""

    INVESTIGATING = auto()
    PROPOSING = auto()
    PROPOSED = auto()
    CARRYING_OUT = auto()


def candidate_rules(case: Case) -> CandidateRules:
    """Return who handles it, by hardness and severity; either may raise the tier."""
    classification = case.latest(Classification)
    severity = classification.severity if classification else None
    return candidate_rules_of(classification, severity, case.escalation_tier)


def facts(case: Case) -> Facts:
    """Return what lists show of it."""
    if (classification := case.latest(Classification)) is None:
        return Facts()
    return facts_of(classification, classification.category, classification.severity)


def target(case: Case, clock: Clock) -> Target | None:
    """Return what the policy promises; only a quality problem promises a solution (M 3.4.1)."""
    classification = case.latest(Classification)
    quality = classification and classification.category is Category.PRODUCT_QUALITY
    return None if clock == SOLUTION and not quality else target_of(case, clock)


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
        refuse_approval(actor, form, spent(process, case))
    if isinstance(form, Solution):
        refuse_above_ceiling(case, actor, form.cost, spent(process, case))


def spent(process: ProcessHistory, case: Case) -> list[Payment]:
    """Return what the solutions cost that were carried out, rewound ones included."""
    done = [entry.seq for entry in case.entries if entry.step == "carry_out"]
    solutions = [(seq, process.as_of(case, seq).latest(Solution)) for seq in done]
    return [(seq, solution.cost) for seq, solution in solutions if solution is not None]


def propose(form: Form) -> dict[str, JsonValue]:
    """Return the classification that the words suggest, never graver than the clues allow."""
    words = form.words if isinstance(form, Complaint) else ""
    urgent, grave = mentions(words, URGENT), mentions(words, GRAVE)
    return Classification(
        category=best_match(words, CLUES, Category.OTHER),
        severity=Severity.SERIOUS if urgent else Severity.MODERATE if grave else Severity.MINOR,
        urgency=Urgency.HIGH if urgent else Urgency.NORMAL,
        hardness=Hardness.ORDINARY,
    ).canonical()
