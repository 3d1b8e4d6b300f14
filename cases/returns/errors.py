"""What only a return refuses."""

from domain.errors import Conflict, Invalid


class RefundTooHigh(Conflict):
    """In sum more would be paid back than was paid for the goods, or was approved.

    `why` says which of the two: "paid" or "approved".
    """

    code = "refund_too_high"


class NoRefund(Invalid):
    """An amount is named where no money is paid back, so nothing would hold it against a limit.

    `why` is "zero" where the amount itself is nothing: a refund of nothing is none.
    """

    code = "no_refund"


class DeductionUnexplained(Invalid):
    """Less would be paid back than was paid, or was decided on (`worth`), and nobody says why.

    `why` is "inspected" or "paying" where the reason belongs in another field than that of reviews.
    """

    code = "deduction_unexplained"


class FreightUnexplained(Invalid):
    """The freight is another's than the ground says (`payer`), and nobody says why."""

    code = "freight_unexplained"


class PriceMissing(Invalid):
    """Nobody knows what the customer paid for the goods, so no refund can be held against it.

    `takes` names who may pay it all the same, with a reason.
    """

    code = "price_missing"


class UnknownUnits(Invalid):
    """A form names a line that the return is not about, or more units of it than there are.

    `line` is the one it names, `lines` are those of the return.
    """

    code = "unknown_units"


class WrongSerial(Conflict):
    """Goods came in whose serial number was not sold with the order; `sold` are those that were."""

    code = "wrong_serial"


class NothingLeft(Conflict):
    """A review would decide on goods for which the money was paid back already."""

    code = "nothing_left"


class StorageGoesOn(Conflict):
    """Goods would be scrapped as unclaimed while they are kept for the customer, until `until`."""

    code = "storage_goes_on"
