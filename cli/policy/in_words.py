"""What a policy says, in the words of its document: table by table, and what is beside them."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from cli.core.i18n import translate

if TYPE_CHECKING:
    from cases.common.policy import Policy
    from domain.language.decision_table import DecisionTable

TEAM, OWN, NONE = "team", "own", "none"


def in_words(policy: "Policy") -> dict[str, str]:
    """Return what a policy says beside its tables."""
    ladders = {f"ladder.{name}": _ladder(each) for name, each in policy.milestones.items()}
    return {
        "calendar": f"{policy.calendar.id}@{policy.calendar.version}",
        "retarget": policy.retarget.value,
        **ladders,
        **categories_of(policy),
        **figures_of(policy),
        **sortings_of(policy),
        **assignments_of(policy),
    }


def assignments_of(policy: "Policy") -> dict[str, str]:
    """Return how the cases of a team are assigned by rule, as documents write it."""
    said = {}
    for team, rules in sorted(policy.assignment.items()):
        prefers = ", ".join(each.value for each in rules.prefers)
        said[f"assignment.{team}"] = f"{prefers}; {value_of('', rules.earlier_within)}"
    return said


def categories_of(policy: "Policy") -> dict[str, str]:
    """Return what cases of each kind are sorted into, each category with all that is said of it."""
    from cases import CURRENT
    from i18n.labels import LOCALES, term_label

    said = {}
    for kind, process in CURRENT.items():
        for each in policy.categories.get(kind, process.categories.built_in):
            names = [term_label("category", each.term, locale, kind) for locale in LOCALES]
            book = each.playbook
            more = {
                "acts_as": [each.acts_as] if each.acts_as else [],
                "subcategories": [term.code for term in each.subcategories],
                "checks": [term.code for term in book.checks],
                "required_for": sorted(book.required_for),
                "text": [*book.text.values()],
                "solution": [*book.solution.values()],
            }
            parts = [f"{name}: {' | '.join(values)}" for name, values in more.items() if values]
            said[f"category.{kind}.{each.code}"] = "; ".join([" · ".join(names), *parts])
    return said


def figures_of(policy: "Policy") -> dict[str, str]:
    """Return the figures beside the tables, those as usual included."""
    from policies.figure_document import known_figures, written

    said: dict[str, timedelta | int] = {**policy.times, **policy.counts}
    return {
        f"figure.{name}": written(said.get(name, each.usual))
        for name, each in known_figures().items()
    }


def sortings_of(policy: "Policy") -> dict[str, str]:
    """Return by which words cases are sorted, row by row, of the kinds of which the policy says."""
    said = {}
    for kind, sorting in policy.sortings.items():
        name = f"classification.{kind}"
        said[name] = f"decides: {mark_of(holds=sorting.decides)}"
        for number, clue in enumerate(sorting.clues, start=1):
            row = f"{clue.category} {clue.weight:+d}: {' | '.join(clue.words)}"
            said[f"{name}.clues.{number}"] = _with_conditions(row, clue.when)
        grades = {"severity": sorting.severities, "urgency": sorting.urgencies}
        for part, rows in grades.items():
            for number, grade in enumerate(rows, start=1):
                row = f"{grade.value}: {' | '.join(grade.words)}" if grade.words else grade.value
                said[f"{name}.{part}.{number}"] = _with_conditions(row, grade.when)
    return said


def _with_conditions(row: str, when: Mapping[str, frozenset[str]]) -> str:
    return f"{row} ({conditions_of(when_of(when))})" if when else row


def _ladder(milestones: Sequence[Any]) -> str:
    return ", ".join(
        f"{each.name} {each.share:g}"
        + (f"+{value_of(each.name, each.later)}" if each.later else "")
        for each in milestones
    )


def tables_of(policy: "Policy") -> "Mapping[str, DecisionTable[Any]]":
    """Return the tables of a policy by what they decide."""
    budgets = {f"clock.{name}": each for name, each in policy.budgets.items()}
    return {
        **budgets,
        "priority": policy.priorities,
        TEAM: policy.teams,
        "authority": policy.authority,
        "head_start": policy.head_starts,
    }


def mark_of(*, holds: bool) -> str:
    """Return the word for what holds, or does not."""
    return translate("yes") if holds else translate("no")


def when_of(conditions: Mapping[str, frozenset[str]]) -> dict[str, list[str]]:
    """Return the conditions of a row, in order."""
    return {name: sorted(values) for name, values in sorted(conditions.items())}


def conditions_of(when: Mapping[str, Sequence[str]]) -> str:
    """Return the conditions of a row in words."""
    if not when:
        return translate("always")
    return ", ".join(f"{name}: {' | '.join(values)}" for name, values in when.items())


def value_of(decides: str, value: Any) -> str:
    """Return a decision as documents write it."""
    from pydantic import TypeAdapter

    from domain.language.values import Duration

    if value is None:
        return OWN if decides == TEAM else NONE
    if isinstance(value, timedelta):
        return str(TypeAdapter(Duration).dump_python(value, mode="json"))
    return str(getattr(value, "value", value))
