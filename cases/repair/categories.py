"""Into which categories repairs are sorted, and the words that are clues for them."""

from enum import StrEnum, auto

from cases.common.categories import categories
from domain.language.categories import Category


class Fault(StrEnum):
    """The class of a repair (维修类别), as reports count them; an open list."""

    POWER = auto()
    SCREEN = auto()
    IGNITION = auto()
    COOLING = auto()
    LEAKING = auto()
    NOISE = auto()
    OTHER = auto()


CATEGORIES = categories(*(Category(each.value) for each in Fault))

CLUES = {
    Fault.LEAKING: "漏水|漏气|漏油|leak",
    Fault.IGNITION: "不点火|点不着|打不着|ignit",
    Fault.COOLING: "不制冷|不冷|结霜|not cold|cooling",
    Fault.SCREEN: "屏|花屏|黑屏|screen",
    Fault.NOISE: "异响|噪音|很吵|noise",
    Fault.POWER: "不开机|充不进|不通电|开不了机|没电|power",
}
