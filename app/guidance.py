"""How cases of a category are handled, in a reader's language: as the case's policy says."""

from app.results import Guidance, PlaybookItem
from domain.engine.case import Case
from domain.engine.process import Process
from i18n.labels import term_label


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
