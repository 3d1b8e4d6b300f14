"""The playbook: what somebody does about a case of its category, and how far they are."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from domain.language.categories import Category


class PlaybookCheck(BaseModel):
    """One thing to look at; `required` where the case does not go on before it is `done`.

    `name` is its code, called `check.<name>` in the kind's catalogue unless the policy names it.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    required: bool
    done: bool


@dataclass(frozen=True)
class CasePlaybook:
    """The playbook of a case's category, with what was done of it."""

    category: Category
    checks: Sequence[PlaybookCheck]


def case_playbook(
    category: Category, severity: str | None, done: Collection[str] | None
) -> CasePlaybook:
    """Return the playbook of a case of a category; `done` is None where nobody says what was done.

    Then nothing of it is required.
    """
    required = done is not None and severity in category.playbook.required_for
    checks = [
        PlaybookCheck(name=each.code, required=required, done=each.code in (done or ()))
        for each in category.playbook.checks
    ]
    return CasePlaybook(category, checks)
