"""What only a repair refuses."""

from domain.errors import Conflict, Forbidden, Invalid


class CustomerWithdrew(Conflict):
    """The customer withdrew and gets the thing back, so nothing is quoted any more."""

    code = "customer_withdrew"


class MoverMissing(Invalid):
    """An appointment stands already, and the new one does not say who moved it."""

    code = "mover_missing"


class NothingMoved(Invalid):
    """The first appointment says that somebody moved it."""

    code = "nothing_moved"


class NoAppointment(Conflict):
    """Nobody can be missed: no appointment stands, or it has not begun.

    `why` is "ahead" where it has not begun, and `starts_at` says when it does; it is "waiting"
    where the customer may still come, and `until` says how long.
    """

    code = "no_appointment"


class OtherSerial(Conflict):
    """The thing has another serial number than the case is about; `serials` are those expected."""

    code = "other_serial"


class WarrantyContradicted(Invalid):
    """The order says otherwise about the warranty, and nothing shows why it is wrong.

    `until` is the last day of the warranty.
    """

    code = "warranty_contradicted"


class WarrantyUnproven(Invalid):
    """No order says until when the warranty lasts, and nothing shows that it covers this."""

    code = "warranty_unproven"


class PriceDiffers(Invalid):
    """What the customer would pay is not what the lines add up to, less our share out of goodwill.

    `expected` is what it should be.
    """

    code = "price_differs"


class UnknownLines(Invalid):
    """An answer names lines that the quote does not have; `lines` says how many it has."""

    code = "unknown_lines"


class NotAgreed(Conflict):
    """The customer would be charged more than was agreed to; `agreed` is what was."""

    code = "not_agreed"


class QuoteExpired(Conflict):
    """The customer says yes to a quote that was valid until `until`, which is over."""

    code = "quote_expired"


class WrongVendor(Invalid):
    """A bill does not say whose it is; with `why` "other" a vendor states another one's."""

    code = "wrong_vendor"


class BillOpen(Conflict):
    """The bill of the entry `entry` waits for a decision, and comes before another one.

    `why` is "converting" where another case would go on while it waits.
    """

    code = "bill_open"


class BillApproved(Conflict):
    """The vendor's bill `reference` was approved on this case, by the entry `entry`."""

    code = "bill_approved"


class NoBill(Conflict):
    """No bill of a vendor waits for a decision."""

    code = "no_bill"


class OwnBill(Forbidden):
    """Nobody approves a bill that they stated themselves, or that is theirs."""

    code = "own_bill"
