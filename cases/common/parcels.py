"""Goods that go back to the customer: sent by a carrier, or by hand when the carrier refuses."""

from collections.abc import Sequence
from enum import StrEnum, auto

from cases.common.forms import Arranged, NotArranged
from cases.common.roles import GOODS
from cases.common.tail import Tail
from domain.language.effects import ask
from domain.language.forms import Form
from domain.language.roles import WORLD
from domain.language.table import Stage, State, Step, WaitsOn, step
from domain.language.values import Code


class Parcel(StrEnum):
    """The states in which goods go back to the customer."""

    SENDING_BACK = auto()
    SENDING_BY_HAND = auto()


class SentByHand(Form):
    """Somebody sent the goods, or gave them to the customer, under this reference."""

    reference: Code


def sending_back(instead: Sequence[Step] = ()) -> list[State]:
    """Return the states in which the goods are given back; the customer is told after that.

    `instead` are steps for goods that can be given back in no way.
    """
    return [
        State(
            Parcel.SENDING_BACK, "a carrier to take the goods to the customer", Stage.RESOLVE,
            waits_on=WaitsOn.WORLD, clears_assignee=True,
            does=[ask("shipment", done="sent", refused="shipment_refused", template="parcel_back")],
            steps=[
                step("sent", Arranged, by=WORLD, to=Tail.TELLING),
                step("shipment_refused", NotArranged, by=WORLD, to=Parcel.SENDING_BY_HAND),
            ],
        ),
        State(
            Parcel.SENDING_BY_HAND, "somebody to send the goods in another way", Stage.RESOLVE,
            delivers=True,
            steps=[
                step("send_by_hand", SentByHand, by=GOODS, by_hand=True, to=Tail.TELLING),
                *instead,
            ],
        ),
    ]  # fmt: skip
