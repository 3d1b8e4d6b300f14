"""How complaints are sorted by their words, as long as a policy says nothing else (ours)."""

from cases.common.classification import Severity, Urgency
from domain.language.categories import CATEGORY
from domain.language.sorting import SEVERITY, Clue, Grade, Sorting

from .categories import Category


def _clue(category: Category, weight: int, words: str) -> Clue:
    return Clue(category.value, tuple(words.split()), weight)


def _any_of(*values: str) -> frozenset[str]:
    return frozenset(values)


CLUES = (
    _clue(
        Category.PRODUCT_QUALITY,
        4,
        "坏了 就坏 死机 开不了机 不开机 花屏 黑屏 白屏 闪屏 自动关机 充不进 不充电",
    ),
    _clue(
        Category.PRODUCT_QUALITY,
        2,
        "质量 毛病 难装 没法穿 没办法穿 闪屏 无法使用 用不成 穿破 破了 烂果 坏果 磕碰 "
        "掉漆 坏 故障 死机 重启 卡顿 卡屏 漫卡 很卡 太卡 特别卡 卡住 花屏 蓝屏 白屏 "
        "黑屏 裂 不能用 用不了 不好用 难用 异响 噪音 做工 粗糙 不灵 失灵 发热 发烫 "
        "很烫 比较烫 散热 亮点 漏光 变形 烂 变质 过期 发霉 长霉 长毛 难吃 不好吃 难喝 "
        "没味 不甜 口感 发酸 很酸 太酸 又酸 有点酸 异味 臭味 褪色 退色 脱色 掉色 掉毛 "
        "沾毛 起球 线头 脱线 开线 开胶 破洞 有洞 劣质 次品 残次 瑕疵 划痕 松动 不耐用 "
        "耗电 开不了机 充不进 不充电 自动关机 断电 不稳定 头皮屑 头屑 掉发 头痒 发痒 "
        "头皮痒 又苦 很苦 断了 没熟 生的 漏水 漏电 broken defect faulty",
    ),
    _clue(
        Category.PRODUCT_QUALITY,
        1,
        "有点热 够热 装驱动 反光 色彩 颜色 不透气 透气性 起毛 松了 太松 分辨率 卡的 "
        "卡死 卡卡 回音 很慢 慢得 个小 很小 非常小 超级大 黑的 痒 拉肚子 塑料感 布料 "
        "肥 宽度 尺寸 很差 太差 很稀 蔫 贴膜 电池 待机 信号 反应慢 速度慢 关机 充电 "
        "屏幕 系统 内存 不支持 功能 像素 拍照 铃声 按键 键盘 音质 声音 噪声 味道 面料 "
        "料子 尺码 大小 太薄 太小 太大 太短 偏小 偏大 好小 小的可怜 个头 太硬 泡沫 "
        "性能 配置 驱动 新鲜 不舒服 不清晰 模糊 接口 显卡 硬盘 风扇 太重 难看 不好 "
        "效果 水分 发红 难闻 样子 外壳 手感 用了",
    ),
    _clue(
        Category.DESCRIPTION,
        4,
        "不是真货 返修货 货不对板 假冒 水货 发的是 给我发 收到的却 挂羊头 发错货 假货 "
        "是假的 假的 好假 买假 不是正品 冒牌 山寨 描述不符 图片不符 实物不符 与图 "
        "跟图 和图 与描述 和描述 与照片 色差 虚假 误导 不符 二手 翻新 description",
    ),
    _clue(
        Category.DESCRIPTION,
        1,
        "正品 真货 仿 描述 图片 实物 不一样 别人退 退回来 穿过的 用过的 只收到 少发 "
        "少了 发错 宣传 地摊货 fake 骗 上当 坑人 忽悠",
    ),
    _clue(
        Category.DESCRIPTION,
        -8,
        "真的还是假的 是不是假的",
    ),
    _clue(
        Category.PRICE,
        3,
        "包邮 运费 邮费 没有发来 也不送 降价 降了 又降 直降 保价 价保 价格保护 差价 "
        "涨价 没有送 没送 赠品 赠送 买就送 优惠券 优惠卷 促销 价格太高 价格高 材料费 "
        "安装花 太贵 好贵 真贵 小贵 贵了 price",
    ),
    _clue(
        Category.PRICE,
        1,
        "价格 贵 优惠 秒杀 活动 双11 双十一 618 不值 便宜 收费 安装费",
    ),
    _clue(
        Category.PRICE,
        -3,
        "价格给力 价格实惠 价格不贵",
    ),
    _clue(
        Category.SERVICE_ATTITUDE,
        3,
        "态度 服务差 服务态度 快递员太 服务很差 服务太差 服务不好 爱理不理 不理人 "
        "没人理 没回应 敷衍 推卸 推诿 踢皮球 无礼 骂人 素质 rude",
    ),
    _clue(
        Category.SERVICE_ATTITUDE,
        1,
        "客服 店大欺客 服务 忽悠 不理",
    ),
    _clue(
        Category.SERVICE_ATTITUDE,
        -5,
        "态度很好 态度也没得说 态度不错 态度挺好 态度好 客服很好 服务很好 服务还不错 "
        "服务不错 服务也很好 客服态度挺好 服务也好 客服解决",
    ),
    _clue(
        Category.AFTER_SALES,
        2,
        "售后 不给退 不给换 不退 不换 退款 退钱 退换货 换货 返修 保修 维修 发票 "
        "退不了 无法退 不肯换 不肯退 不让换 要不来 refund warranty",
    ),
    _clue(
        Category.AFTER_SALES,
        1,
        "退货 退换 申请退 不让退 换了两次 审核",
    ),
    _clue(
        Category.AFTER_SALES,
        -4,
        "懒得退 售后没问题 售后服务很好 售后很好 售后不错 懒得换",
    ),
    _clue(
        Category.LOGISTICS,
        3,
        "是漏的 挤出来 开口的 发货慢 送货慢 物流慢 快递慢 物流太 快递太 物流超 快递不 "
        "物流不给力 送货上门 不送上门 没收到货 没有收到 没收到 漏液 漏出来 流出来 "
        "渗出来 流了 洒了 洒的 撒了 漏了 压坏 碰伤 摔坏 包装太 包装差 包装简陋 "
        "包装垃圾 没有包装 包装破 破损 配送 派送 签收 催促 delivery",
    ),
    _clue(
        Category.LOGISTICS,
        1,
        "物流 快递 发货 送货 包装 箱子 到货",
    ),
    _clue(
        Category.LOGISTICS,
        -4,
        "物流快 物流很快 快递快 快递很快 快递速度 送货快 送货快速 送货速度 送货的速度 "
        "发货快 发货很快 物流不错 快递不错 快递小哥给力 物流给力 给快递 顺丰很给力 "
        "顺丰 快递给力 快递还可以 快递没得说 物流没得说",
    ),
    _clue(
        Category.OTHER,
        4,
        "值得推荐 超级满意 非常满意 下次还会 很满意 非常好 东西不错",
    ),
    _clue(
        Category.OTHER,
        3,
        "抵制 转发 微博 代言 无良 三聚氰胺 毒奶 冠名",
    ),
    _clue(
        Category.OTHER,
        2,
        "@ http # 广告 新闻 段子 企业 倒闭 曝光 道歉",
    ),
)
"""What speaks for a category, or against it: much of what is said of parcels is praise."""

DANGER = "起火 爆炸 爆了 受伤 冒烟 触电 漏电 漏水 中毒 住院 医院 烧起来 injur fire urgent"
"""What endangers people."""

LAW = "律师 起诉 12315 消协 工商 法院 媒体 曝光 lawyer sue"
"""Who threatens with the law, or with the public."""

HEALTH = "过敏 拉肚子 发疼 红肿 疙瘩 肚子疼"
"""What made somebody unwell."""

FAKE = "假货 是假的 假的 好假 买假 冒牌 山寨 二手 翻新 骗 欺骗 用过的 穿过的 上当"
"""Goods that are not what they were sold as."""

BAD = (
    "不能用 用不了 开不了机 不开机 充不进 不充电 死机 自动关机 坏了 都坏 全部坏 坏的 "
    "花屏 白屏 黑屏 裂 碎 变质 发霉 长霉 长毛 过期 烂的 烂了 全烂 心都烂 故障 漏液 "
    "漏出来 流出来 压坏 破损 没收到 没有收到 不给退 不给换 不退 不换 退款 没人理 推卸 "
    "踢皮球 不处理 拖着 被黑 返修 broken refund"
)
"""Goods that cannot be used, and requests that nobody answers."""

HIGH = f"{HEALTH} 律师 起诉"

SORTING = Sorting(
    clues=CLUES,
    severities=(
        Grade(Severity.SERIOUS.value, tuple(DANGER.split())),
        Grade(Severity.MODERATE.value, tuple(f"{LAW} {HEALTH}".split())),
        Grade(
            Severity.MODERATE.value,
            tuple(FAKE.split()),
            {CATEGORY: _any_of(Category.DESCRIPTION.value)},
        ),
        Grade(
            Severity.MODERATE.value,
            tuple(BAD.split()),
            {CATEGORY: _any_of(*(each.value for each in Category if each != Category.OTHER))},
        ),
        Grade(Severity.MINOR.value),
    ),
    urgencies=(
        Grade(Urgency.HIGH.value, (), {SEVERITY: _any_of(Severity.SERIOUS.value)}),
        Grade(Urgency.HIGH.value, tuple(HIGH.split())),
        Grade(Urgency.NORMAL.value, (), {SEVERITY: _any_of(Severity.MODERATE.value)}),
        Grade(
            Urgency.NORMAL.value,
            (),
            {
                CATEGORY: _any_of(
                    Category.SERVICE_ATTITUDE.value,
                    Category.AFTER_SALES.value,
                    Category.LOGISTICS.value,
                    Category.PRICE.value,
                    Category.DESCRIPTION.value,
                )
            },
        ),
        Grade(Urgency.LOW.value),
    ),
)
"""Whoever wants something done is of normal urgency; whoever only says what they think, of low."""
