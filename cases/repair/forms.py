"""What is handed in while something is repaired (manual A 1.1, 7.2.3)."""

from enum import StrEnum, auto

from cases.common.classification import Classified
from cases.common.forms import Intake
from cases.common.offers import Offer
from domain.language.forms import Form
from domain.language.values import Code, Money, Note, Text


class Fault(StrEnum):
    """The class of a repair (维修类别), as reports count them; an open list."""

    POWER = auto()
    SCREEN = auto()
    IGNITION = auto()
    COOLING = auto()
    LEAKING = auto()
    NOISE = auto()
    OTHER = auto()


class Coverage(StrEnum):
    """Whether the warranty pays, the customer would, or nobody can mend it."""

    COVERED = auto()
    CHARGEABLE = auto()
    HOPELESS = auto()


class Application(Intake):
    """The application as raised (维修申请): the fault, and the product's model if it is known."""

    model: Code | None = None


class Classification(Classified):
    """The class of repair with impact, urgency and hardness."""

    category: Fault


class TakenJob(Form):
    """The repairer takes the job (接单)."""

    note: Note = ""


class DeclinedJob(Form):
    """The repairer cannot take it: why."""

    reason: Text


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


class Work(Form):
    """What was done, and how many parts it took."""

    work: Text
    parts: Note = ""


class GivenUp(Form):
    """Why it cannot be repaired after all."""

    reason: Text


class Trial(Form):
    """Whether it works now."""

    passed: bool
    note: Note = ""


class Handover(Form):
    """The thing is with the customer, or goes out to them."""

    note: Note = ""
