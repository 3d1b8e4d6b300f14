"""The classification that is proposed for a case: by its policy's rules, or else by its kind's."""

from collections.abc import Sequence
from typing import Any

from pydantic import JsonValue

from cases.common.categories import categories_under, fitting
from cases.common.classification import Classified
from cases.common.policy import UnknownPolicy, kept_policy
from cases.common.sorting import sort_opening
from domain.engine.kept_policy import KeptPolicy
from domain.engine.messages import Opening
from domain.engine.process import Process
from domain.language.categories import CATEGORY, OTHER
from domain.language.forms import Form
from domain.language.sorting import Reason, Sorting


def sorting_under(process: Process, kept: KeptPolicy | None) -> Sorting:
    """Return by which rules cases of a kind are sorted under a policy; without one, the kind's."""
    try:
        sortings = kept_policy(kept).sortings if kept else {}
    except UnknownPolicy:
        return process.sorting
    return sortings.get(process.kind, process.sorting)


def reasons_of(process: Process, opening: Opening) -> list[Reason]:
    """Return what the words of a case make of it, and by which of them."""
    return sort_opening(sorting_under(process, opening.policy), opening)


def proposal_of(process: Process, opening: Opening) -> dict[str, JsonValue]:
    """Return the classification that is proposed for a case as it is opened."""
    form = process.opens_with.lenient(opening.form)
    return proposed(process, opening.policy, form, reasons_of(process, opening))


def proposed(
    process: Process, kept: KeptPolicy | None, form: Form, reasons: Sequence[Reason]
) -> dict[str, JsonValue]:
    """Return the classification for these reasons, with a category that there is in a policy."""
    built_in = process.categories.built_in
    categories = categories_under(kept, process.kind, built_in)
    return fitting(process.propose(form, reasons), categories)


def classified_by(
    form: type[Classified], reasons: Sequence[Reason], **otherwise: Any
) -> dict[str, JsonValue]:
    """Return a classification as the reasons say; what none is for is as given, or usual."""
    said = {each.field: each.value for each in reasons if each.field in form.model_fields}
    return form.model_validate({CATEGORY: OTHER, **otherwise, **said}).canonical()
