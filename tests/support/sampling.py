"""Large tables of cases: some in every run, all of them at night."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

T = TypeVar("T")
PARTS = 3


def sampled(values: Iterable[Any], each: int) -> list[Any]:
    """Return all values; but for one of so many, they are for the night."""
    return by_day(values, lambda place, _: place % each == 0)


def by_day(values: Iterable[Any], is_for_day: Callable[[int, Any], bool]) -> list[Any]:
    """Return all values; those that are not for the day are for the night."""
    return [
        value if is_for_day(place, value) else pytest.param(value, marks=pytest.mark.nightly)
        for place, value in enumerate(values)
    ]


IN_PARTS = pytest.mark.parametrize("part", by_day(range(PARTS), lambda place, _: place == 0))
"""A test that takes a part of its values for each thing, and the others at night."""


def part_of(values: Sequence[T], part: int, place: int) -> Sequence[T]:
    """Return a part of the values for the thing at this place: over the things, all occur."""
    return values[(part + place) % PARTS :: PARTS]


WALKS = pytest.mark.parametrize(
    "walks", [100, pytest.param(7_000, marks=pytest.mark.nightly)], ids=["some", "many"]
)
"""How many random walks a test takes: of 20 steps that is 2,000 steps a day, 140,000 at night."""


def walk_often(walks: int, walk: Callable[[st.DataObject], None]) -> None:
    """Take so many random walks, each as the data say."""
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    often = settings(max_examples=walks, deadline=None, suppress_health_check=checks)
    often(given(data=st.data())(walk))()
