"""How a case is classified (impact, urgency, hardness), and who may handle it because of that."""

from enum import StrEnum, auto
from typing import Annotated

from cases.common.policy import asked_of, policy_of
from cases.common.roles import ACCOUNT_MANAGER, DESK, HANDLERS, LEAD, MANAGEMENT, SERVICE_MANAGER
from domain.engine.case import Case
from domain.engine.definition import Facts
from domain.engine.task_actions import CandidateRules
from domain.language.categories import taken_from
from domain.language.forms import ADDED, Form
from domain.language.roles import Roles
from domain.language.values import Code, Note


class Impact(StrEnum):
    """Impact scope (影响范围, M 6.2)."""

    ONE = auto()
    SEVERAL = auto()
    MANY = auto()


class Urgency(StrEnum):
    """How soon it must be dealt with (紧急程度, M 6.2)."""

    LOW = auto()
    NORMAL = auto()
    HIGH = auto()


class Hardness(StrEnum):
    """How hard the problem is (普通/复杂/重大, M 3.3.2); it decides who handles it."""

    ORDINARY = auto()
    COMPLEX = auto()
    MAJOR = auto()


class Severity(StrEnum):
    """How grave a complaint is (轻微/中度/严重, A 3.1)."""

    MINOR = auto()
    MODERATE = auto()
    SERIOUS = auto()


class Classified(Form):
    """The part of a classification that all kinds share, but for its `category`.

    `subcategory` is one of that category, if it is divided.
    """

    impact: Impact = Impact.ONE
    urgency: Urgency = Urgency.NORMAL
    hardness: Hardness = Hardness.ORDINARY
    note: Note = ""
    subcategory: Annotated[Code | None, taken_from("subcategory"), ADDED] = None


_TIERS = (DESK, SERVICE_MANAGER | ACCOUNT_MANAGER, MANAGEMENT)
_LEADS = (
    LEAD | SERVICE_MANAGER | MANAGEMENT,
    SERVICE_MANAGER | MANAGEMENT,
    MANAGEMENT,
)
_HARDNESS = list(Hardness)
_HARDNESS_OF_SEVERITY = {
    Severity.MINOR: Hardness.ORDINARY,
    Severity.MODERATE: Hardness.COMPLEX,
    Severity.SERIOUS: Hardness.MAJOR,
}


def facts_of(
    case: Case,
    classified: Classified | None,
    category: str | None = None,
    severity: Severity | None = None,
) -> Facts:
    """Return what lists show of a case: nothing before it is classified.

    Its priority is what its policy gives for impact and urgency (M 6.2).
    """
    if classified is None:
        return Facts()
    facts = Facts(category=category, severity=severity, hardness=classified.hardness)
    asked = {"impact": classified.impact.value, "urgency": classified.urgency.value}
    decided = policy_of(case).priorities.decide({**asked_of(case, facts), **asked})
    return facts.model_copy(update={"priority": decided.value if decided else None})


def candidate_rules_of(
    classified: Classified | None, severity: Severity | None = None, escalation_tier: int = 0
) -> CandidateRules:
    """Return who handles it: 普通 → 客服专员, 复杂 → 客服经理 or 客户经理, 重大 → 管理层 (M 3.3.2).

    A case that is not classified yet is ordinary. The severity of a complaint may raise the tier as
    hardness does, and never lowers it. Breaches add the tiers above as candidates.
    """
    hardness = classified.hardness if classified else Hardness.ORDINARY
    at_least = _HARDNESS_OF_SEVERITY[severity] if severity else Hardness.ORDINARY
    base = _HARDNESS.index(max(hardness, at_least, key=_HARDNESS.index))
    added = _TIERS[base + 1 : base + 1 + escalation_tier]
    candidates = _TIERS[base].union(*added)
    return CandidateRules(
        _LEADS[base],
        without=Roles(HANDLERS.names - candidates.names),
        escalation_tiers=added,
        managers=SERVICE_MANAGER | ACCOUNT_MANAGER | MANAGEMENT,
    )
