"""What a customer may read of a case: the steps and form fields named here, and no others."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class ShownStep:
    """What the written service record shows of a step; its sentence is `record.<step>`.

    Args:
        fields: fields of the step's form, shown whoever handed it in.
        customers_own: fields that are shown only if the customer handed them in. Where staff write
            down what a customer says, they may add remarks.
        unless: states. A step that leads there is a matter among staff and not shown at all.
    """

    fields: tuple[str, ...] = ()
    customers_own: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()


Record = Mapping[str, ShownStep]

# Left out on purpose: who holds the case and how hard it is, why something failed outside, and
# `told_by_hand`, which may say that telling the customer was given up.
SHARED: Record = {
    "accept": ShownStep(),
    "classify": ShownStep(("category",)),
    "reclassify": ShownStep(("category",)),
    "withdraw": ShownStep(customers_own=("reason",)),
    "sent": ShownStep(),
    "send_by_hand": ShownStep(),
    "told": ShownStep(),
    "follow_up": ShownStep(("reached", "solved", "satisfaction", "nps")),
    "confirm": ShownStep(("solved", "satisfaction", "nps", "words")),
    "reopen": ShownStep(customers_own=("reason",)),
}
