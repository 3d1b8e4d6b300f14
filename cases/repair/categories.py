"""Into which categories repairs are sorted, and by which of their words."""

from enum import StrEnum, auto

from cases.common.categories import categories
from cases.common.classification import Urgency
from domain.language.categories import Category
from domain.language.sorting import Clue, Grade, Sorting


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

URGENT = (
    *("漏水", "漏电", "起火", "爆炸", "受伤", "冒烟", "触电"),
    *("urgent", "fire", "injur"),
)
"""What endangers people."""

SORTING = Sorting(
    clues=(
        Clue(Fault.LEAKING.value, ("漏水", "漏气", "漏油", "leak")),
        Clue(Fault.IGNITION.value, ("不点火", "点不着", "打不着", "ignit")),
        Clue(Fault.COOLING.value, ("不制冷", "不冷", "结霜", "not cold", "cooling")),
        Clue(Fault.SCREEN.value, ("屏", "花屏", "黑屏", "screen")),
        Clue(Fault.NOISE.value, ("异响", "噪音", "很吵", "noise")),
        Clue(Fault.POWER.value, ("不开机", "充不进", "不通电", "开不了机", "没电", "power")),
    ),
    urgencies=(Grade(Urgency.HIGH.value, URGENT),),
)
