"""What is handed in while a complaint is handled (manual A 3, 7.2.4; M 3.4)."""

from enum import StrEnum, auto

from cases.common.classification import Classified, Severity
from cases.common.forms import Intake
from cases.common.offers import Offer
from domain.language.forms import Form
from domain.language.values import Money, Text


class Category(StrEnum):
    """产品质量/服务态度/售后服务 and others (A 7.2.4, an open list)."""

    PRODUCT_QUALITY = auto()
    SERVICE_ATTITUDE = auto()
    AFTER_SALES = auto()
    LOGISTICS = auto()
    PRICE = auto()
    DESCRIPTION = auto()
    OTHER = auto()


class CauseOf(StrEnum):
    """Where it came from: design, production, service (A 3.2), logistics, other."""

    DESIGN = auto()
    PRODUCTION = auto()
    SERVICE = auto()
    LOGISTICS = auto()
    OTHER = auto()


class Complaint(Intake):
    """The complaint as raised."""


class Classification(Classified):
    """Category and severity (A 3.1), impact and urgency (M 6.2), hardness (M 3.3.2)."""

    category: Category
    severity: Severity


class Finding(Form):
    """The key points, the cause, and whether the request is reasonable (A 3.2)."""

    cause: CauseOf
    reasonable: bool
    finding: Text


class Solution(Offer):
    """What is offered, and what it costs us."""

    solution: Text
    cost: Money


class Completion(Form):
    """What was done of the solution."""

    done: Text
