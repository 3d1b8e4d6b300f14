"""The rules of repair tables of versions 1 and 2."""

from collections.abc import Sequence

from pydantic import JsonValue

from cases.common.front import refuse_unexplained_withdrawal
from cases.common.offers import refuse_other_offer
from cases.common.proposals import classified_by
from cases.common.tail import refuse_discontent
from domain.engine.case import Case
from domain.engine.rewind.compensation import ProcessHistory
from domain.language.forms import Form
from domain.language.roles import Actor
from domain.language.sorting import Reason

from .forms_v2 import Classification, Quote
from .rules import refuse_withdrawn


def check_step(
    process: ProcessHistory, case: Case, actor: Actor, form: Form, leads_to: str | None
) -> None:
    """Refuse what the table allows and the case as a whole does not.

    Raises:
        ReasonMissing, OtherOffer, NotContent, CustomerWithdrew
    """
    refuse_unexplained_withdrawal(actor, form)
    refuse_other_offer(process, case, form)
    refuse_discontent(form, leads_to)
    if isinstance(form, Quote):
        refuse_withdrawn(case)


def propose(_form: Form, reasons: Sequence[Reason]) -> dict[str, JsonValue]:
    """Return the classification that the words suggest."""
    return classified_by(Classification, reasons)
