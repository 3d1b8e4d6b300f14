"""Into which categories returns are sorted, and the words that are clues for them."""

from cases.common.categories import categories
from domain.language.categories import Category

from .forms import Ground

CATEGORIES = categories(*(Category(each.value) for each in Ground))

CLUES = {
    Ground.TRANSPORT_DAMAGE: "运输|快递|压坏|破损|摔坏|包装|damaged on the way",
    Ground.NOT_AS_DESCRIBED: "不符|描述|色差|图片|不一样|发错|not as described",
    Ground.QUALITY: "质量|坏|故障|裂|不能用|失灵|开线|掉色|不工作|broken|defect",
    Ground.PERSONAL: "不喜欢|不想要|尺寸|大小|太大|太小|不合适|七天无理由|too small|too big",
}
