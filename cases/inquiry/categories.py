"""Into which categories inquiries are sorted, and the words that are clues for them."""

from enum import StrEnum, auto

from cases.common.categories import categories
from domain.language.categories import Category


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

CLUES = {
    Topic.SUGGESTION: "建议|希望你们|最好能|suggest",
    Topic.INVOICE: "发票|开票|invoice",
    Topic.DELIVERY: "快递|物流|送货|发货|到货|delivery",
    Topic.ORDER: "订单|下单|付款|order",
    Topic.AFTER_SALES: "退货|换货|维修|保修|售后|warranty",
    Topic.PRODUCT: "怎么用|参数|型号|功能|规格|how do i use",
}
