"""How contact points are matched: one person under many spellings; placeholders are nobody's."""

import pytest

from store.customers.contact_points import earlier_spellings, is_nobodys, normal_spelling
from store.customers.records import Contact
from store.errors import WrongContact

SAME_NUMBER = {
    "13800000000": [
        "13800000000", "138 0000 0000", "138-0000-0000", "+86 138 0000 0000", "+8613800000000",
        "008613800000000", "8613800000000", "１３８００００００００", "(138) 0000.0000",
        "013800000000", "+86 (0)138 0000 0000", "tel:+86-138-0000-0000", "(+86)13800000000",
        "(86) 138 0000 0000", "\u202a+8613800000000\u202c", "138\u200b0000\u200b0000",
        "0086-138-0000-0000", "08613800000000", "tel:+86-138-0000-0000;phone-context=+86",
        "\ufeff13800000000", "＋86 13800000000", "+86 86 138 0000 0000", "0086+8613800000000",
        "手机：138 0000 0000", "138·0000·0000", "138 0000 0000（王）", "138\xa00000\u30000000",
        "①③⑧00000000",
    ],
    "01065120002": [
        "010-65120002", "(010) 65120002", "010 6512 0002", "+86 (0)10 6512 0002",
        "+86 10 6512 0002", "0086-10-65120002", "86-10-65120002", "tel:+86-10-6512-0002",
        "０１０－６５１２０００２",
    ],
    "01065120002;ext=8001": [
        "010-65120002 转 8001", "010-65120002转8001", "+86 10 65120002 ext. 8001",
        "010-65120002 分机8001", "010-65120002-8001", "010-65120002#8001", "010-65120002,8001",
        "010-65120002 x8001", "010-65120002（转8001）",
    ],
    "+442079460958": [
        "+44 20 7946 0958", "+44 (0)20 7946 0958", "(+44) 20 7946 0958", "0044 20 7946 0958",
        "tel:+442079460958", "\u202a+442079460958\u202c", "＋44 20 7946 0958", "442079460958",
    ],
    "+85223456789": ["+852 2345 6789", "(852) 2345 6789", "00852-23456789", "(852)23456789"],
    "+14155550100": ["+1 415 555 0100", "001 415-555-0100", "14155550100"],
}  # fmt: skip
SAME_MAIL = {
    "wang@example.com": [
        "wang@example.com", " Wang@Example.COM ", "mailto:wang@example.com",
        "王 <wang@example.com>",
        '"Wang, X." <WANG@example.com>', "wang@example.com\u200b", "\u2060wang@example.com",
        "MAILTO:wang@example.com?subject=x", "<wang@example.com>", "ｗａｎｇ＠example.com",
        "wang@example.com.", "wang@example.com,", "wang@example.com;", "mailto: wang@example.com",
        "邮箱：wang@example.com", "wang@example.com (Wang)", "wang%40example.com",
    ],
    "li@xn--fiqs8s.cn": ["li@中国.cn", "LI@xn--fiqs8s.cn"],
}  # fmt: skip
NOBODYS = {
    "phone": ["0", "00", "000", "00000000000", "11111111111", "1234567", "12345678901", "95588",
              "88888888", "8001", "０００", "10000000000", "11011011011", "000-0000-0001", "N.A.",
              "(无)", "未提供", "没有电话", "同上", "拒绝提供", "none given"],
    "sms": ["0000000", "987654321"],
    "email": ["anonymous", "none@none.com", "noreply@shop.cn", "未知", "@", "a@b",
              "no-reply@shop.cn"],
    "wechat": ["-", "无", "N/A", "unknown", "微信", "同手机"],
    "app": ["0", "guest", "游客", "undefined"],
    "address": ["未知", "不详", "同上", "自提"],
}  # fmt: skip
EARLIER = {
    "010-65120002": {"01065120002", "1065120002", "861065120002"},
    "+86 (0)138 0000 0000": {"13800000000", "013800000000"},
    "+44 20 7946 0958": {"+442079460958", "+4402079460958", "442079460958"},
    "(852) 2345 6789": {"+85223456789", "85223456789"},
    "14155550100": {"14155550100", "+14155550100"},
}
"""Numbers, and the spellings that earlier releases kept of the same."""


@pytest.mark.parametrize(
    ("expected", "given"),
    [(to, each) for to, of in SAME_NUMBER.items() for each in of],
)
@pytest.mark.parametrize("kind", ["phone", "sms"])
def test_a_number_in_many_spellings(expected: str, given: str, kind: str) -> None:
    assert normal_spelling(Contact(kind, given)) == expected
    assert not is_nobodys(Contact(kind, given))


@pytest.mark.parametrize(
    ("expected", "given"), [(to, each) for to, of in SAME_MAIL.items() for each in of]
)
def test_an_address_in_many_spellings(expected: str, given: str) -> None:
    assert normal_spelling(Contact("email", given)) == expected
    assert not is_nobodys(Contact("email", given))


SAME_PLACE = {
    "上海市黄浦区南京路1号3-502室": [
        "上海市黄浦区南京路1号3-502室", "上海市 黄浦区 南京路 1 号 3-502 室",
        "上海市，黄浦区，南京路１号３－５０２室",
        " 上海市、黄浦区、南京路1号 3-502室\u200b", "上海市黄浦区南京路1号\u30003-502室",
    ],
    "12 3 main st": ["12 3 Main St", "12, 3 main  ST", "１２ 3 Main St"],
    "南京路1号3502": ["南京路1号3502"],
    "南京路1 23号": ["南京路 1 23 号"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("expected", "given"), [(to, each) for to, of in SAME_PLACE.items() for each in of]
)
def test_a_postal_address_in_many_spellings(expected: str, given: str) -> None:
    assert normal_spelling(Contact("address", given)) == expected


def test_others_keep_their_spelling() -> None:
    assert normal_spelling(Contact("wechat", " WangXM_1\u200b ")) == "WangXM_1"


@pytest.mark.parametrize(
    ("kind", "given"), [(kind, each) for kind, of in NOBODYS.items() for each in of]
)
def test_placeholders_are_nobodys(kind: str, given: str) -> None:
    assert is_nobodys(Contact(kind, given))


@pytest.mark.parametrize(("given", "kept"), EARLIER.items())
def test_what_earlier_releases_kept_is_looked_up(given: str, kept: set[str]) -> None:
    contact = Contact("phone", given)
    assert kept <= {normal_spelling(contact), *earlier_spellings(contact)}


def test_a_national_number_of_elsewhere_is_no_number_of_ours() -> None:
    guangzhou = normal_spelling(Contact("phone", "020 7946 0958"))
    assert guangzhou not in earlier_spellings(Contact("phone", "+44 20 7946 0958"))


@pytest.mark.parametrize("value", ["abc", "请稍后联系"])
def test_words_are_no_phone_number(value: str) -> None:
    contact = Contact("phone", value)
    assert not is_nobodys(contact)
    with pytest.raises(WrongContact, match="phone"):
        normal_spelling(contact)


@pytest.mark.parametrize("value", ["  ", "\u200b", "\ufeff\u2060"])
@pytest.mark.parametrize("kind", ["phone", "email", "wechat"])
def test_an_empty_one_is_refused(kind: str, value: str) -> None:
    with pytest.raises(WrongContact, match=kind):
        normal_spelling(Contact(kind, value))
