"""The categories of a policy's document, and what is wrong with them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field

from cases import CURRENT
from cases.common.classification import Severity
from domain.engine.process import Process
from domain.language.categories import OTHER, Category, Playbook, Term, Titles, find_category
from domain.language.decision_table import UNKNOWN
from policies.calendar_document import Document, Title
from policies.document_text import DocumentFault, Lines, Path, fault_at

NewCode = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[a-z][a-z0-9_]*$")]


class TermDocument(Document):
    """A code, and what it is called; `title` may be left out where the kind's catalogue says it."""

    code: NewCode
    title: Title | None = None

    def build(self) -> Term:
        """Return it as the kinds know it."""
        return Term(self.code, _titles(self.title))


class PlaybookDocument(Document):
    """What is done about a case of a category (处理措施).

    Args:
        text: how it is handled.
        checks: what is looked at first.
        required_for: the severities in which a case does not go on before that is done.
        solution: what is proposed to the customer.
    """

    text: Title | None = None
    checks: tuple[TermDocument, ...] = ()
    required_for: tuple[Severity, ...] = ()
    solution: Title | None = None

    def build(self) -> Playbook:
        """Return it as the kinds know it."""
        return Playbook(
            tuple(each.build() for each in self.checks),
            frozenset(each.value for each in self.required_for),
            _titles(self.text),
            _titles(self.solution),
        )


class CategoryDocument(Document):
    """A category into which cases of a kind are sorted.

    Of a category of the kind's own what is left out is the kind's: its name, its playbook.

    Args:
        code: stable, as histories keep it.
        title: what it is called.
        acts_as: the kind's own category whose rules in code hold for it; `other` has none.
        subcategories: what it is divided into.
        playbook: what is done about it.
    """

    code: NewCode
    title: Title | None = None
    acts_as: NewCode | None = None
    subcategories: tuple[TermDocument, ...] = ()
    playbook: PlaybookDocument | None = None

    def build(self, built_in: Sequence[Category]) -> Category:
        """Return it as the kinds know it."""
        own = find_category(built_in, self.code)
        playbook = own.playbook if own else Playbook()
        return Category(
            self.code,
            _titles(self.title),
            "" if own else self.acts_as or OTHER,
            tuple(each.build() for each in self.subcategories),
            self.playbook.build() if self.playbook else playbook,
        )


CategoriesDocument = Mapping[str, Annotated[tuple[CategoryDocument, ...], Field(min_length=1)]]
"""By kind, all that its cases are sorted into, in their order; a kind not named has its own."""


def build_categories(document: CategoriesDocument) -> Mapping[str, tuple[Category, ...]]:
    """Return the categories as the kinds know them."""
    return {
        kind: tuple(each.build(_built_in(kind)) for each in categories)
        for kind, categories in document.items()
    }


def codes_of(document: CategoriesDocument) -> frozenset[str]:
    """Return every category of any kind: what a table may name."""
    built_in = (each.code for kind in CURRENT for each in _built_in(kind))
    return frozenset({*built_in, *(each.code for some in document.values() for each in some)})


def codes_under(document: CategoriesDocument, kind: str) -> Sequence[str]:
    """Return the categories of a kind under a document, in their order."""
    some = document[kind] if kind in document else _built_in(kind)
    return [each.code for each in some]


def category_faults(document: CategoriesDocument, lines: Lines) -> Iterator[DocumentFault]:
    """Yield what is wrong with the categories of a document."""
    for kind, categories in document.items():
        path: Path = ("categories", kind)
        process = CURRENT.get(kind)
        if process is None:
            yield _fault(path, "unknown_kind", lines, kinds=sorted(CURRENT))
            continue
        built_in = process.categories.built_in
        if all(each.build(built_in).own != OTHER for each in categories):
            yield _fault(path, "no_other_category", lines)
        yield from _twice(path, [each.code for each in categories], lines)
        for number, each in enumerate(categories):
            yield from _of_category((*path, number), each, process, lines)


def _of_category(
    path: Path, category: CategoryDocument, process: Process, lines: Lines
) -> Iterator[DocumentFault]:
    built_in = process.categories.built_in
    own = [each.code for each in built_in]
    if category.code == UNKNOWN:
        yield _fault((*path, "code"), "reserved_code", lines, value=UNKNOWN)
    if category.code not in own and category.title is None:
        yield _fault(path, "untitled", lines, value=category.code)
    if category.acts_as is not None and (category.code in own or category.acts_as not in own):
        yield _fault((*path, "acts_as"), "acts_as_none", lines, known=own)
    below = (*path, "subcategories")
    yield from _of_terms(below, category.subcategories, (), lines)
    if (book := category.playbook) is None:
        return
    known = [term.code for each in built_in for term in each.playbook.checks]
    yield from _of_terms((*path, "playbook", "checks"), book.checks, known, lines)
    if book.required_for and process.checks_done is None:
        yield _fault((*path, "playbook", "required_for"), "checks_not_kept", lines)


def _of_terms(
    path: Path, terms: Sequence[TermDocument], titled: Sequence[str], lines: Lines
) -> Iterator[DocumentFault]:
    yield from _twice(path, [each.code for each in terms], lines)
    for number, each in enumerate(terms):
        if each.title is None and each.code not in titled:
            yield _fault((*path, number), "untitled", lines, value=each.code)


def _twice(path: Path, codes: Sequence[str], lines: Lines) -> Iterator[DocumentFault]:
    for number, code in enumerate(codes):
        if code in codes[:number]:
            yield _fault((*path, number), "code_twice", lines, value=code)


def _built_in(kind: str) -> Sequence[Category]:
    return CURRENT[kind].categories.built_in if kind in CURRENT else ()


def _titles(title: Title | None) -> Titles:
    return title.model_dump() if title else {}


def _fault(path: Path, code: str, lines: Lines, **params: Any) -> DocumentFault:
    return fault_at(path, code, lines, params)
