"""The fields of a form as people read them: what each is called, codes by their labels, names."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from app.colleagues import Colleagues
from domain.engine.kept_policy import KeptPolicy
from i18n.labels import category_label, label
from i18n.times import moment
from web.rendering.recipients import recipient
from web.rendering.texts import Sentence, translate

SEPARATORS: Final = {"zh_CN": "、", "en": ", "}
SORTS: Final = {"roles": "role", "rungs": "rung"}
"""The sort of codes in fields that are not called so."""
PEOPLE: Final = frozenset({"assignee"})
"""The fields that hold somebody's id."""
TEAM: Final = "team"
"""The field that holds the id of a team."""
DOCUMENT: Final = "document"
"""The field that holds the whole text of a policy, which its version stands for."""
RECIPIENTS: Final = "tells"
"""The field that says who was told."""
CATEGORY: Final = "category"
"""The field that holds the code of a category: the case's policy may say what it is called."""
YES, NO = Sentence("yes"), Sentence("no")


@dataclass(frozen=True)
class FormWords:
    """What the fields of a kind's forms say in a language; `policy` is that of the case."""

    kind: str
    locale: str
    zone: ZoneInfo
    colleagues: Colleagues
    policy: KeptPolicy | None = None

    def fields(self, form: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Yield the fields that say something, each with what it is called."""
        for name, value in form.items():
            if value not in (None, "", []) and name != DOCUMENT:
                yield self.label("field", name), self.value(name, value)

    def label(self, sort: str, code: str) -> str:
        """Return what a code is called."""
        return label(f"{sort}.{code}", self.locale, self.kind)

    def value(self, name: str, value: Any) -> str:
        """Return a value of a form as people read it."""
        if isinstance(value, bool):
            return translate(YES if value else NO, self.locale)
        if isinstance(value, list):
            return SEPARATORS[self.locale].join(self.value(name, each) for each in value)
        if isinstance(value, Mapping):
            pairs = [(self.label("field", n), self.value(n, v)) for n, v in value.items()]
            said = (f"{n}{translate(': ', self.locale)}{v}" for n, v in pairs)
            return ("；" if self.locale == "zh_CN" else "; ").join(said)
        return self._text(name, str(value))

    def _text(self, name: str, text: str) -> str:
        if name == RECIPIENTS:
            return recipient(text, self.colleagues, self.locale, self.kind)
        if name in PEOPLE:
            return self.colleagues.name(text)
        if name == TEAM:
            return self.colleagues.team(text)
        if at := _instant(text):
            return moment(at, self.zone, self.locale)
        if name == CATEGORY:
            return category_label(text, self.locale, self.kind, self.policy)
        return self.label(SORTS.get(name, name), text)


def _instant(text: str) -> datetime | None:
    """Return the moment that a text is, if it is one with an offset."""
    try:
        at = datetime.fromisoformat(text) if "T" in text else None
    except ValueError:
        return None
    return at if at is not None and at.tzinfo else None
