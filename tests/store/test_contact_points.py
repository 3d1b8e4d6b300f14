"""How contact points are matched."""

import pytest

from store.customers.contact_points import normal_spelling
from store.customers.records import Contact
from store.errors import WrongContact

SAME = {
    "13800000000": [
        "13800000000",
        "138 0000 0000",
        "138-0000-0000",
        "+86 138 0000 0000",
        "+8613800000000",
        "008613800000000",
        "8613800000000",
        "１３８００００００００",
        "(138) 0000.0000",
    ],
    "01012345678": ["010-12345678", "010 1234 5678"],
    "1012345678": ["+86 10 1234 5678"],
    "+14155550100": ["+1 415 555 0100", "001 415-555-0100"],
    "14155550100": ["14155550100"],
    "86123": ["86123"],
}


@pytest.mark.parametrize(
    ("expected", "given"), [(to, each) for to, of in SAME.items() for each in of]
)
def test_phones(expected: str, given: str) -> None:
    assert (
        normal_spelling(Contact("phone", given))
        == normal_spelling(Contact("sms", given))
        == expected
    )


def test_mail_and_others() -> None:
    assert normal_spelling(Contact("email", " Wang@Example.COM ")) == "wang@example.com"
    assert normal_spelling(Contact("wechat", " WangXM_1 ")) == "WangXM_1"


@pytest.mark.parametrize("kind", ["phone", "email", "wechat"])
def test_an_empty_one_is_refused(kind: str) -> None:
    with pytest.raises(WrongContact, match=kind):
        normal_spelling(Contact(kind, "  "))
