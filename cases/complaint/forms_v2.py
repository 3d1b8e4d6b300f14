"""What only tables up to version 2 take; it goes when their last case ends."""

from cases.common.offers import Offer
from domain.language.values import Money, Text


class Solution(Offer):
    """What is offered, and what it costs us."""

    solution: Text
    cost: Money
