"""What only a return refuses."""

from domain.errors import Conflict


class RefundTooHigh(Conflict):
    """In sum more would be paid back than was paid for the goods, or was approved.

    `why` says which of the two: "paid" or "approved".
    """

    code = "refund_too_high"
