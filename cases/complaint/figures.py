"""The figures of complaints that a policy may say."""

from collections.abc import Mapping

from cases.common.figures import DAY, HOUR, count_figure, figures, time_figure

from .forms import DisputeWay

OFFER_LAPSES = time_figure("offer_lapses", 7 * DAY, HOUR, 60 * DAY)
"""How long an offered solution waits for the customer's answer (ours)."""

REJECTIONS = count_figure("rejections", 2, 1, 10)
"""The rejection that opens a dispute (ours)."""

_DAYS: Mapping[DisputeWay, int] = {
    DisputeWay.NEGOTIATION: 7,
    DisputeWay.MEDIATION: 30,
    DisputeWay.ADMINISTRATIVE: 60,
    DisputeWay.ARBITRATION: 120,
    DisputeWay.LAWSUIT: 180,
}
WAY_LIMITS = {
    way: time_figure(f"dispute_{way}", days * DAY, DAY, 730 * DAY) for way, days in _DAYS.items()
}
"""The limit of each way in which a dispute goes on, elapsed (ours)."""

FIGURES = figures(OFFER_LAPSES, REJECTIONS, *WAY_LIMITS.values())
