"""Case numbers: read out by phone, so every usual slip must be found."""

from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.case_numbers import _check_digit as damm
from domain.case_numbers import case_number, is_case_number, is_prefix, prefix_of

serials = st.text("0123456789", min_size=6, max_size=9)
days = st.dates(date(2000, 1, 1), date(2099, 12, 31))
numbers = st.builds(case_number, st.sampled_from(["TS", "TH", "WX", "ZX"]), days, serials)


@given(numbers)
def test_a_number_is_one(number: str) -> None:
    assert is_case_number(number)
    assert is_prefix(prefix_of(number))
    assert number[2:].isdigit()


@given(numbers, st.data())
def test_one_wrong_digit_is_found(number: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(2, len(number) - 1))
    wrong = data.draw(st.sampled_from(sorted(set("0123456789") - {number[at]})))
    assert not is_case_number(number[:at] + wrong + number[at + 1 :])


@given(numbers, st.data())
def test_two_neighbours_swapped_are_found(number: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(2, len(number) - 2))
    assume(number[at] != number[at + 1])
    assert not is_case_number(number[:at] + number[at + 1] + number[at] + number[at + 2 :])


@given(st.text())
def test_any_text_may_be_asked_about(text: str) -> None:
    assert not is_case_number(text) or prefix_of(text).isupper()


def test_what_a_number_looks_like() -> None:
    number = case_number("TS", date(2026, 3, 2), "482910")
    assert number == "TS202603024829107"
    for wrong in (number + "\n", number.lower(), number[:-1], "１" + number, number[2:]):
        assert not is_case_number(wrong)
    assert not is_case_number("TS" + "２０２６０３０２４８２９１０７")


@pytest.mark.parametrize("serial", ["", "12345", "1234567890", "12345a"])
def test_a_serial_that_does_not_fit_is_refused(serial: str) -> None:
    with pytest.raises(ValueError, match=r"not a case number|invalid literal"):
        case_number("TS", date(2026, 3, 2), serial)


def test_the_check_digit_is_damms() -> None:
    assert damm("572") == 4  # the example of his thesis


def test_a_prefix_is_two_capitals() -> None:
    assert [is_prefix(each) for each in ("TS", "T", "ts", "TSX", "T1")] == [True, *[False] * 4]
