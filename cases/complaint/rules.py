"""A classification proposed from a complaint's words."""

from pydantic import JsonValue

from cases.common.classification import Hardness, Severity, Urgency
from cases.common.rules import GRAVE, URGENT, best, says
from domain.language.forms import Form

from .forms import Category, Classification, Complaint

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


def propose(form: Form) -> dict[str, JsonValue]:
    """What the words suggest; never graver than the clues allow."""
    words = form.words if isinstance(form, Complaint) else ""
    urgent, grave = says(words, URGENT), says(words, GRAVE)
    return Classification(
        category=best(words, CLUES, Category.OTHER),
        severity=Severity.SERIOUS if urgent else Severity.MODERATE if grave else Severity.MINOR,
        urgency=Urgency.HIGH if urgent else Urgency.NORMAL,
        hardness=Hardness.ORDINARY,
    ).canonical()
