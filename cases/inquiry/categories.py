"""Into which categories inquiries are sorted, and by which of their words."""

from enum import StrEnum, auto

from cases.common.categories import categories
from domain.language.categories import Category
from domain.language.sorting import Clue, Sorting


class Topic(StrEnum):
    """What it is about; suggestions (建议) are counted apart."""

    INVOICE = auto()
    PRODUCT = auto()
    ORDER = auto()
    DELIVERY = auto()
    AFTER_SALES = auto()
    SUGGESTION = auto()
    OTHER = auto()


CATEGORIES = categories(*(Category(each.value) for each in Topic))

SORTING = Sorting(
    clues=(
        Clue(Topic.SUGGESTION.value, ("建议", "希望你们", "最好能", "suggest")),
        Clue(Topic.INVOICE.value, ("发票", "开票", "invoice")),
        Clue(Topic.DELIVERY.value, ("快递", "物流", "送货", "发货", "到货", "delivery")),
        Clue(Topic.ORDER.value, ("订单", "下单", "付款", "order")),
        Clue(Topic.AFTER_SALES.value, ("退货", "换货", "维修", "保修", "售后", "warranty")),
        Clue(Topic.PRODUCT.value, ("怎么用", "参数", "型号", "功能", "规格", "how do i use")),
    ),
)
