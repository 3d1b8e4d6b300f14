"""What only a return refuses."""

from domain.errors import Conflict, Invalid


class RefundTooHigh(Conflict):
    """In sum more would be paid back than was paid for the goods, or was approved.

    `why` says which of the two: "paid" or "approved".
    """

    code = "refund_too_high"


class NoRefund(Invalid):
    """An amount is named where no money is paid back, so nothing would hold it against a limit."""

    code = "no_refund"
