"""What several kinds refuse; their sentences are in `cases/common/locale/`."""

from domain.errors import Conflict, Forbidden, Invalid


class AboveCeiling(Forbidden):
    """More would leave than the roles of whoever asks may decide on, and nobody approved it.

    `ceiling` is what they may, `paid` what the case paid before, `takes` names who may approve.
    """

    code = "above_ceiling"


class OtherOffer(Conflict):
    """The answer does not name the offer that waits for it, which is the entry `offer`.

    `why` is "unnamed" where several offers were made and the answer names none.
    """

    code = "other_offer"


class NotContent(Invalid):
    """A case would close as solved, and the customer did not say to be content."""

    code = "not_content"


class PaidElsewhere(Conflict):
    """With what other cases of the same order paid back, more would be paid than the goods cost.

    `cases` names them.
    """

    code = "paid_elsewhere"


class ChildrenOpen(Conflict):
    """The case would close while cases that came of it are open; `children` names them."""

    code = "children_open"


class GoodsHere(Conflict):
    """The case would go on as one of a kind that has no goods, and we have the customer's thing."""

    code = "goods_here"


class OrderBusy(Conflict):
    """Another case of the same order is being decided right now."""

    code = "order_busy"


class PaidAlready(Conflict):
    """What was accepted was paid out by the entry `entry`, and that stands."""

    code = "paid_already"


class ChecksMissing(Invalid):
    """The playbook asks for more in the first contact: `checks` names what was not looked at."""

    code = "checks_missing"


class NoSuchMeasure(Invalid):
    """The entry that is named records no measure of the case; `measures` are those that do."""

    code = "no_such_measure"


class MeasureNotDue(Conflict):
    """The day of the measure that entry `entry` records has not come: there is no effect yet."""

    code = "measure_not_due"
