"""Large tables of cases: some in every run, all of them at night."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest


def sampled(values: Iterable[Any], each: int) -> list[Any]:
    """Return all values; but for one of so many, they are for the night."""
    return by_day(values, lambda place, _: place % each == 0)


def by_day(values: Iterable[Any], is_for_day: Callable[[int, Any], bool]) -> list[Any]:
    """Return all values; those that are not for the day are for the night."""
    return [
        value if is_for_day(place, value) else pytest.param(value, marks=pytest.mark.nightly)
        for place, value in enumerate(values)
    ]
