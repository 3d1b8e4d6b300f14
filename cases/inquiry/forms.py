"""What is handed in while an inquiry is answered (manual A 1.1, 7.1, 7.2.2)."""

from typing import Annotated

from pydantic import Field

from cases.common.classification import Classified
from cases.common.forms import Intake
from domain.language.categories import CategoryCode
from domain.language.forms import Form
from domain.language.values import Code, Text


class Inquiry(Intake):
    """The question or suggestion as raised."""


class Classification(Classified):
    """The topic with impact, urgency and hardness."""

    category: CategoryCode


class Reply(Form):
    """The answer: service content and service time (服务内容、服务时间, A 7.2.2) in minutes."""

    answer: Text
    minutes: Annotated[int, Field(ge=0, le=1440)] = 0


class HandedUp(Form):
    """What the second line is asked (转二线), and what was tried."""

    question: Text


class HandedBack(Form):
    """What the second line says to whoever answers the customer (退回一线)."""

    finding: Text


class Handover(Form):
    """Whom a suggestion was handed on to."""

    department: Code


class Decision(Form):
    """What the department decided on the suggestion."""

    adopted: bool
    decision: Text
