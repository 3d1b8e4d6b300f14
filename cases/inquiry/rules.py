"""A topic proposed from an inquiry's words."""

from pydantic import JsonValue

from cases.common.rules import best
from domain.language.forms import Form

from .forms import Classification, Inquiry, Topic

CLUES = {
    Topic.SUGGESTION: "建议|希望你们|最好能|suggest",
    Topic.INVOICE: "发票|开票|invoice",
    Topic.DELIVERY: "快递|物流|送货|发货|到货|delivery",
    Topic.ORDER: "订单|下单|付款|order",
    Topic.AFTER_SALES: "退货|换货|维修|保修|售后|warranty",
    Topic.PRODUCT: "怎么用|参数|型号|功能|规格|how do i use",
}


def propose(form: Form) -> dict[str, JsonValue]:
    """What the words suggest."""
    words = form.words if isinstance(form, Inquiry) else ""
    return Classification(category=best(words, CLUES, Topic.OTHER)).canonical()
