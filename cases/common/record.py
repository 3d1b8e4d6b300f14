"""What a customer may read of a case: which steps, and which fields of their forms; no others."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Shows:
    """What the written service record tells of a step; its sentence is `record.<step>`.

    Args:
        fields: of the step's form, whoever handed it in.
        own: told only if the customer handed them in. Where staff write down what a customer says,
            they may remark on it.
        unless: the states it may lead to that make it a matter among staff, not told at all.
    """

    fields: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()


Record = Mapping[str, Shows]

# Not here: who holds the case and how hard it is; why something failed outside; and `told_by_hand`,
# which also says that the telling was given up.
SHARED: Record = {
    "accept": Shows(),
    "classify": Shows(("category",)),
    "reclassify": Shows(("category",)),
    "withdraw": Shows(own=("reason",)),
    "sent": Shows(),
    "send_by_hand": Shows(),
    "told": Shows(),
    "follow_up": Shows(("reached", "solved", "satisfaction", "nps")),
    "confirm": Shows(("solved", "satisfaction", "nps", "words")),
    "reopen": Shows(own=("reason",)),
}
