"""What the tables of a policy may ask, and which values it can have.

The kinds, and what each of them is classified as, are those there are; product lines are open.
"""

from enum import StrEnum
from typing import Final

from cases import CURRENT
from cases.common.authority import Pot
from cases.common.classification import Hardness, Impact, Severity, Urgency
from cases.common.roles import STAFF_ROLES
from domain.language.channels import Channel
from domain.language.decision_table import Input
from domain.language.values import Priority
from policies.category_document import codes_of
from store.customers.records import Tier


def _of(enum: type[StrEnum]) -> frozenset[str]:
    return frozenset(member.value for member in enum)


KIND: Final = Input("kind", frozenset(CURRENT), always_known=True)
CHANNEL: Final = Input("channel", _of(Channel), always_known=True)
TIER: Final = Input("tier", _of(Tier))
PRODUCT_LINE: Final = Input("product_line", None)
PRODUCT: Final = Input("product", None)
CATEGORY: Final = Input("category", codes_of({}))
"""The kinds' own; a document may have others."""
SEVERITY: Final = Input("severity", _of(Severity))
HARDNESS: Final = Input("hardness", _of(Hardness))
PRIORITY: Final = Input("priority", _of(Priority))
IMPACT: Final = Input("impact", _of(Impact), always_known=True)
URGENCY: Final = Input("urgency", _of(Urgency), always_known=True)
POT: Final = Input("pot", _of(Pot), always_known=True)
ROLE: Final = Input("role", STAFF_ROLES.names, always_known=True)

FROM_THE_START: Final = (KIND, CHANNEL, TIER, PRODUCT_LINE)
"""What is known of a case, if at all, before anybody classifies it."""
BUDGET_INPUTS: Final = (*FROM_THE_START, CATEGORY, SEVERITY, HARDNESS, PRIORITY)
TEAM_INPUTS: Final = BUDGET_INPUTS
AUTHORITY_INPUTS: Final = (*FROM_THE_START, POT, ROLE)
PRIORITY_INPUTS: Final = (*FROM_THE_START, CATEGORY, SEVERITY, HARDNESS, IMPACT, URGENCY)


def with_categories(inputs: tuple[Input, ...], codes: frozenset[str]) -> tuple[Input, ...]:
    """Return inputs of which the category is one of these."""
    return tuple(Input(CATEGORY.name, codes) if each == CATEGORY else each for each in inputs)
