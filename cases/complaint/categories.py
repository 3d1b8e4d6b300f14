"""Into which categories complaints are sorted, and what is done about each."""

from collections.abc import Mapping
from enum import StrEnum, auto

from cases.common.categories import categories
from cases.common.classification import Severity
from domain.language.categories import Category as Sorted
from domain.language.categories import Playbook, Term


class Category(StrEnum):
    """产品质量/服务态度/售后服务 and others (A 7.2.4, an open list)."""

    PRODUCT_QUALITY = auto()
    SERVICE_ATTITUDE = auto()
    AFTER_SALES = auto()
    LOGISTICS = auto()
    PRICE = auto()
    DESCRIPTION = auto()
    OTHER = auto()


class Check(StrEnum):
    """What the playbook has somebody look at in the first contact (第一时间联系客户, M 3.4)."""

    CUSTOMER_CONTACTED = auto()
    PRODUCT_IDENTIFIED = auto()
    EVIDENCE_SEEN = auto()
    SAFETY_ASSESSED = auto()
    STAFF_HEARD = auto()
    RECORDS_READ = auto()
    CARRIER_ASKED = auto()
    PRICE_COMPARED = auto()
    LISTING_COMPARED = auto()


PLAYBOOK: Mapping[Category, tuple[Check, ...]] = {
    Category.PRODUCT_QUALITY: (
        Check.CUSTOMER_CONTACTED,
        Check.PRODUCT_IDENTIFIED,
        Check.EVIDENCE_SEEN,
        Check.SAFETY_ASSESSED,
    ),
    Category.SERVICE_ATTITUDE: (
        Check.CUSTOMER_CONTACTED,
        Check.STAFF_HEARD,
        Check.RECORDS_READ,
    ),
    Category.AFTER_SALES: (Check.CUSTOMER_CONTACTED, Check.RECORDS_READ),
    Category.LOGISTICS: (
        Check.CUSTOMER_CONTACTED,
        Check.CARRIER_ASKED,
        Check.EVIDENCE_SEEN,
    ),
    Category.PRICE: (Check.CUSTOMER_CONTACTED, Check.PRICE_COMPARED),
    Category.DESCRIPTION: (
        Check.CUSTOMER_CONTACTED,
        Check.LISTING_COMPARED,
        Check.EVIDENCE_SEEN,
    ),
    Category.OTHER: (Check.CUSTOMER_CONTACTED,),
}
"""What is looked at first, by category (ours, after M 3.4)."""

REQUIRED: Mapping[Category, frozenset[str]] = {
    Category.PRODUCT_QUALITY: frozenset({Severity.MODERATE.value, Severity.SERIOUS.value}),
}
"""The severities in which a complaint does not go on before all of that is done (ours)."""

CATEGORIES = categories(
    *(
        Sorted(
            each.value,
            playbook=Playbook(
                tuple(Term(check.value) for check in PLAYBOOK[each]),
                REQUIRED.get(each, frozenset()),
            ),
        )
        for each in Category
    )
)
