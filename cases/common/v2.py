"""What tables of version 2 share and newer ones do otherwise; it goes when their last case ends."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import replace
from enum import StrEnum
from functools import partial
from typing import Any

from cases.common import front as newer
from cases.common.forms import Withdrawal
from cases.common.tail import Tail
from domain.engine.case import Case
from domain.language.effects import notify
from domain.language.table import Step


def withdraw(
    to: StrEnum | Mapping[Any, StrEnum] = Tail.WITHDRAWN,
    decide: Callable[[Case, Withdrawal], Hashable] | None = None,
) -> Step:
    """Whoever withdraws, the customer is told that it was their wish."""
    return replace(newer.withdraw(to, decide), does=(notify("withdrawn"),))


front = partial(newer.front, withdraw=withdraw)
