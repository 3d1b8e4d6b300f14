"""A ground proposed from an application's words."""

from pydantic import JsonValue

from cases.common.rules import best
from domain.language.forms import Form

from .forms import Application, Classification, Ground

CLUES = {
    Ground.TRANSPORT_DAMAGE: "运输|快递|压坏|破损|摔坏|包装|damaged on the way",
    Ground.NOT_AS_DESCRIBED: "不符|描述|色差|图片|不一样|发错|not as described",
    Ground.QUALITY: "质量|坏|故障|裂|不能用|失灵|开线|掉色|不工作|broken|defect",
    Ground.PERSONAL: "不喜欢|不想要|尺寸|大小|太大|太小|不合适|七天无理由|too small|too big",
}


def propose(form: Form) -> dict[str, JsonValue]:
    """What the words suggest."""
    words = form.words if isinstance(form, Application) else ""
    return Classification(category=best(words, CLUES, Ground.OTHER)).canonical()
