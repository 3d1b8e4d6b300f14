"""Into which categories returns are sorted, and by which of their words."""

from cases.common.categories import categories
from domain.language.categories import Category
from domain.language.sorting import Clue, Sorting

from .forms import Ground

CATEGORIES = categories(*(Category(each.value) for each in Ground))

SORTING = Sorting(
    clues=(
        Clue(
            Ground.TRANSPORT_DAMAGE.value,
            ("运输", "快递", "压坏", "破损", "摔坏", "包装", "damaged on the way"),
        ),
        Clue(
            Ground.NOT_AS_DESCRIBED.value,
            ("不符", "描述", "色差", "图片", "不一样", "发错", "not as described"),
        ),
        Clue(
            Ground.QUALITY.value,
            (
                "质量",
                "坏",
                "故障",
                "裂",
                "不能用",
                "失灵",
                "开线",
                "掉色",
                "不工作",
                "broken",
                "defect",
            ),
        ),
        Clue(
            Ground.PERSONAL.value,
            (
                "不喜欢",
                "不想要",
                "尺寸",
                "大小",
                "太大",
                "太小",
                "不合适",
                "七天无理由",
                "too small",
                "too big",
            ),
        ),
    ),
)
