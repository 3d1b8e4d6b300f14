"""How cases of a category are handled, in a reader's language: as the case's policy says."""

from app.results import Guidance, PlaybookItem, ProposalReason
from cases.common.proposals import reasons_of
from domain.engine.case import Case
from domain.engine.process import Process
from domain.language.categories import CATEGORY
from i18n.labels import category_label, label, term_label


def playbook_items(process: Process, case: Case, locale: str) -> list[PlaybookItem]:
    """Return what is looked at in a case of its category; nothing before it has one."""
    if (book := process.playbook(case)) is None:
        return []
    return [
        PlaybookItem(**each.model_dump(), label=term_label("check", term, locale, process.kind))
        for each, term in zip(book.checks, book.category.playbook.checks, strict=True)
    ]


def guidance_of(process: Process, case: Case, locale: str) -> Guidance | None:
    """Return how cases of its category are handled; None before it has one."""
    if (book := process.playbook(case)) is None:
        return None
    category, said = book.category, book.category.playbook
    return Guidance(
        category=category.code,
        label=term_label("category", category.term, locale, process.kind),
        text=said.text.get(locale, ""),
        solution=said.solution.get(locale, ""),
    )


def proposal_reasons(process: Process, case: Case, locale: str) -> list[ProposalReason]:
    """Return why its classification is proposed as it is; nothing once somebody classified it."""
    if process.facts(case).category is not None:
        return []
    kind, opening = process.kind, case.opening
    proposed = (
        (each, str(opening.proposal.get(each.field, ""))) for each in reasons_of(process, opening)
    )
    return [
        ProposalReason(
            field=each.field,
            field_label=label(f"field.{each.field}", locale, kind),
            value=value,
            value_label=_value_label(each.field, value, case, locale),
            words=[*each.words],
        )
        for each, value in proposed
        if value
    ]


def _value_label(field: str, value: str, case: Case, locale: str) -> str:
    kind = case.opening.kind
    if field == CATEGORY:
        return category_label(value, locale, kind, case.opening.policy)
    return label(f"{field}.{value}", locale, kind)
