"""The figures of returns that a policy may say; none is less than the law's."""

from dataclasses import dataclass

from cases.common.figures import DAY, HOUR, count_figure, figures, time_figure
from domain.engine.case import Case

from .forms import Ruling

RETURN_DAYS = count_figure("return_days", 7, 7, 365)
"""Calendar days from the day after delivery in which goods go back without a reason (law: 7)."""

QUALITY_REFUND_DAYS = count_figure("quality_refund_days", 7, 7, 730)
"""Days after delivery in which a fault alone is enough for a refund (law: 三包, 7)."""

QUALITY_EXCHANGE_DAYS = count_figure("quality_exchange_days", 15, 15, 730)
"""Days after delivery in which a fault alone is enough for an exchange (law: 三包, 15)."""

GOODS_REMINDER = time_figure("goods_reminder", 10 * DAY, HOUR, 89 * DAY, below="goods_lapse")
"""How long an approved return waits for the goods before the customer is reminded (ours)."""

CHOICE_LAPSES = time_figure("choice_lapses", 7 * DAY, HOUR, 60 * DAY)
"""How long a customer has to say what to do when an exchange is out of stock (ours)."""

STORAGE = time_figure("storage", 30 * DAY, 7 * DAY, 365 * DAY)
"""How long goods that nobody claims are kept before they may be scrapped (ours)."""

FIGURES = figures(
    RETURN_DAYS,
    QUALITY_REFUND_DAYS,
    QUALITY_EXCHANGE_DAYS,
    GOODS_REMINDER,
    CHOICE_LAPSES,
    STORAGE,
)


@dataclass(frozen=True)
class Windows:
    """In how many days after delivery goods go back: without a reason, or for a fault."""

    without_reason: int = RETURN_DAYS.usual
    faulty_refund: int = QUALITY_REFUND_DAYS.usual
    faulty_exchange: int = QUALITY_EXCHANGE_DAYS.usual

    def for_a_fault(self, ruling: Ruling, *, known: bool) -> int:
        """Return the days for a fault, by what it brings; `known` is that an order tells of it."""
        if not known or ruling is Ruling.REFUSED:
            return self.without_reason
        return self.faulty_exchange if ruling is Ruling.EXCHANGE else self.faulty_refund


LAW = Windows()
"""The least that there may be."""


def windows_of(case: Case) -> Windows:
    """Return those of the policy of a case."""
    return Windows(
        RETURN_DAYS.of(case), QUALITY_REFUND_DAYS.of(case), QUALITY_EXCHANGE_DAYS.of(case)
    )
