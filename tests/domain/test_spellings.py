"""One code written in several ways is one code."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.language.spellings import plain_code, spellings

WAYS = ["ORDER-7", "order-7", "Order-7", "ＯＲＤＥＲ-７", "ｏｒｄｅｒ-７"]


@pytest.mark.parametrize("one", WAYS)
@pytest.mark.parametrize("other", WAYS)
def test_each_usual_spelling_finds_each_other(one: str, other: str) -> None:
    assert other in spellings(one)
    assert plain_code(one) == plain_code(other)


@pytest.mark.parametrize("other", ["ORDER-8", "ORDER7", "7", "0RDER-7"])
def test_another_code_is_another(other: str) -> None:
    assert plain_code(other) != plain_code("ORDER-7")
    assert not set(WAYS) & set(spellings(other))


def test_blanks_do_not_count() -> None:
    assert plain_code(" K 1\u3000") == plain_code("k1")


@given(st.text(max_size=20))
def test_any_code_is_among_its_own_spellings(code: str) -> None:
    assert spellings(code)[0] == code
    assert len(set(spellings(code))) == len(spellings(code))
