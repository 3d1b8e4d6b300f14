"""What entries say is in words: no name of a field, no code of a person, no bare milestone."""

from collections.abc import Iterator
from typing import Final
from zoneinfo import ZoneInfo

import pytest

from app.colleagues import Colleagues
from cases import CURRENT, stories_of
from cases.common.forms import NotTold
from domain.language.entries import Entry, EntryType
from domain.stories import play
from i18n.labels import LOCALES, labels
from store.people.records import Staff
from web.forms.schema import read_schema
from web.forms.shown import Shower
from web.forms.words import Words
from web.pages.ops.form_words import FormWords
from web.rendering.recipients import recipient

ZONE: Final = ZoneInfo("Asia/Shanghai")
LIU: Final = Staff(id="liu.yang", name="刘洋", roles=("agent",), teams=(), active=True)


def events() -> Iterator[tuple[str, Entry]]:
    """Yield what the stories' histories have beside steps, by kind."""
    for kind, process in CURRENT.items():
        for story in stories_of(kind):
            for entry in play(process, story, f"{process.prefix}1").case.entries:
                if entry.step is None and entry.type is not EntryType.OPENED:
                    yield kind, entry


@pytest.mark.parametrize("locale", LOCALES)
def test_what_happened_beside_steps_is_in_words(locale: str) -> None:
    found = {entry.type for _, entry in events()}
    assert {EntryType.BREACHED, EntryType.WARNED} <= found
    bare: set[str] = set()
    for kind, entry in events():
        known = {**labels("common", locale), **labels(kind, locale)}
        bare |= {f"field.{name}" for name in entry.form} - {*known}
        rungs = entry.form.get("rungs")
        names = rungs if isinstance(rungs, list) else []
        bare |= {f"rung.{name}" for name in names} - {*known}
    assert bare == set()


def test_people_are_told_of_by_name() -> None:
    words = FormWords("complaint", "en", ZONE, Colleagues((LIU,)))
    assert words.value("tells", ["staff:liu.yang", "lead"]) == "刘洋, Team lead"
    assert recipient("staff:liu.yang", Colleagues((LIU,)), "zh_CN") == "刘洋"
    assert recipient("staff:wu.ming", Colleagues((LIU,)), "zh_CN") == "wu.ming"


@pytest.mark.parametrize(
    ("locale", "said"), [("en", "No contact point"), ("zh_CN", "没有联系方式")]
)
def test_a_code_is_said_by_its_label(locale: str, said: str) -> None:
    shower = Shower(Words("complaint", locale), ZONE, lambda id: id, lambda id: id)
    form = read_schema(NotTold.model_json_schema())
    [field] = shower.fields(form, {"reason": "no_contact"}, {})
    assert field.text == said
    [other] = shower.fields(form, {"reason": "R-1042"}, {})
    assert other.text == "R-1042"
