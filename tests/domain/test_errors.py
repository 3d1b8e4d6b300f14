"""Every refusal has a code of its own and a category."""

from collections import Counter

from cases import KINDS
from domain.errors import Category, Refusal, category_of, refusals


def test_every_code_means_one_refusal() -> None:
    assert KINDS
    codes = Counter(
        each.code for base in Refusal.__subclasses__() for each in base.__subclasses__()
    )
    assert [code for code, times in codes.items() if times > 1] == []
    assert set(codes) == set(refusals())


def test_every_category_has_one_base() -> None:
    assert [base.category for base in Refusal.__subclasses__()] == list(Category)


def test_a_code_leads_to_its_category() -> None:
    assert category_of("step_not_allowed") is Category.FORBIDDEN
    assert category_of("stale") is Category.OUTDATED
