"""A class of repair proposed from an application's words."""

from pydantic import JsonValue

from cases.common.classification import Urgency
from cases.common.rules import URGENT, best, says
from domain.language.forms import Form

from .forms import Application, Classification, Fault

CLUES = {
    Fault.LEAKING: "漏水|漏气|漏油|leak",
    Fault.IGNITION: "不点火|点不着|打不着|ignit",
    Fault.COOLING: "不制冷|不冷|结霜|not cold|cooling",
    Fault.SCREEN: "屏|花屏|黑屏|screen",
    Fault.NOISE: "异响|噪音|很吵|noise",
    Fault.POWER: "不开机|充不进|不通电|开不了机|没电|power",
}


def propose(form: Form) -> dict[str, JsonValue]:
    """What the words suggest."""
    words = form.words if isinstance(form, Application) else ""
    urgency = Urgency.HIGH if says(words, URGENT) else Urgency.NORMAL
    category = best(words, CLUES, Fault.OTHER)
    return Classification(category=category, urgency=urgency).canonical()
