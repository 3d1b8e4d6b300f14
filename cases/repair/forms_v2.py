"""What is handed in under tables of versions 1 and 2."""

from enum import StrEnum, auto

from cases.common.classification import Classified
from cases.common.offers import Offer
from domain.language.categories import CategoryCode
from domain.language.forms import Form
from domain.language.values import Money, Note, Text


class Coverage(StrEnum):
    """Whether the warranty pays, the customer would, or nobody can mend it."""

    COVERED = auto()
    CHARGEABLE = auto()
    HOPELESS = auto()


class Classification(Classified):
    """The class of repair with impact, urgency and hardness."""

    category: CategoryCode


class Appointment(Form):
    """When the repairer comes, as agreed with the customer."""

    window: Text


class Missed(Form):
    """The customer was not there: what was tried, and until when it is moved if that is known."""

    note: Text


class Arrival(Form):
    """The thing is before the repairer: visited, carried in or sent in."""

    note: Note = ""


class Diagnosis(Form):
    """What is wrong, why, and who pays (检测)."""

    outcome: Coverage
    finding: Text


class Quote(Offer):
    """What the repair would cost the customer (报价单)."""

    price: Money
    work: Text
