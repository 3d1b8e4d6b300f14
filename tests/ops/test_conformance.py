"""Conformance finds what is no walk of the process, and nothing in what is one."""

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases import CURRENT, stories_of
from domain.engine.chain import link
from domain.engine.process import Process
from domain.language.entries import Entry, EntryType
from ops.conformance import check_conformance
from tests.cases.random_walks import walks
from tests.ops.recorded_stories import every_story, play, played

STORIES = [story.name for kind in CURRENT for story in stories_of(kind)]
STEPS = {"accept", "investigate", "follow_up"}
WARNED = next(
    case
    for case in played()
    if {entry.step for entry in case.entries} >= STEPS
    and any(entry.type is EntryType.WARNED for entry in case.entries)
)
Spoil = Callable[[list[Entry]], list[Entry]]


def codes(number: str, entries: list[Entry]) -> set[str]:
    return {found.code for found in check_conformance("default", number, entries)}


def relinked(entries: list[Entry], number: str) -> list[Entry]:
    """As somebody would leave them who also wrote the chain anew."""
    made: list[Entry] = []
    for entry in entries:
        made.append(link(entry, made[-1] if made else None, "default", number))
    return made


def change(which: str, **more: Any) -> Spoil:
    """The first entry of this step or type, with other values."""

    def spoil(entries: list[Entry]) -> list[Entry]:
        at = next(i for i, e in enumerate(entries) if which in (e.step, e.type.value))
        told = {**entries[at].model_dump(), **more}
        if isinstance(more.get("form"), dict):
            told["form"] = {**entries[at].form, **more["form"]}
        return [*entries[:at], Entry.model_validate(told), *entries[at + 1 :]]

    return spoil


def again(which: str) -> Spoil:
    """The first entry of this step or type twice."""

    def spoil(entries: list[Entry]) -> list[Entry]:
        at = next(i for i, e in enumerate(entries) if which in (e.step, e.type.value))
        more = [*entries[: at + 1], *entries[at:]]
        return [e.model_copy(update={"seq": seq}) for seq, e in enumerate(more, start=1)]

    return spoil


NOBODY = {"kind": "staff", "id": "no.body", "roles": ()}
ROBOT = {"kind": "system", "id": "shop", "roles": ()}
PLANTED: dict[str, tuple[Spoil, str]] = {
    "a step is gone": (lambda entries: [*entries[:1], *entries[2:]], "gap"),
    "there is nothing": (lambda _: [], "gap"),
    "it begins elsewhere": (change("opened", led_to="closed"), "wrong_start"),
    "it is not opened": (lambda entries: [entries[1].model_copy(update={"seq": 1})], "unreadable"),
    "another case's opening": (change("opened", form={"number": "TS1"}), "not_opened"),
    "a process nobody knows": (change("opened", form={"process_version": 99}), "unreadable"),
    "a step from elsewhere": (change("investigate", step="follow_up"), "no_arrow"),
    "a step nobody knows": (change("accept", step="wave"), "no_arrow"),
    "a step leads elsewhere": (change("accept", led_to="closed"), "wrong_end"),
    "an act leads nowhere": (change("warned", led_to="nowhere"), "moved"),
    "a warning from a person": (change("warned", type="claimed", actor=ROBOT), "step_not_allowed"),
    "an answer to nothing": (change("warned", type="effect_done"), "not_asked"),
    "a rewind by anybody": (
        change("investigate", type="rewound", step=None, led_to="received", actor=NOBODY,
               form={"to": 1, "reason": "x", "clocks": "go_on"}), "step_not_allowed"),
    "a form of another outcome": (
        change("follow_up", form={"solved": False, "reached": True}), "wrong_end"),
    "a form that cannot be": (change("investigate", form={"cause": "weather"}), "unreadable"),
    "somebody without the role": (change("accept", actor=NOBODY), "wrong_actor"),
    "an act that moves": (change("warned", led_to="closed"), "moved"),
    "an act with a step": (change("warned", step="accept"), "not_allowed"),
    "a type nothing makes": (change("warned", type="opened"), "not_allowed"),
    "a clock nobody started": (change("warned", form={"clock": "lunch"}), "no_clock"),
    "a clock of another time": (change("warned", form={"instance": 9}), "no_clock"),
    "a warning twice": (again("warned"), "wrong_milestone"),
    "an effect before its cause": (change("investigate", cause={"entry": 99}), "wrong_cause"),
}  # fmt: skip


@pytest.mark.parametrize("name", STORIES)
def test_a_story_conforms(name: str) -> None:
    [case] = [play(*each) for each in every_story() if each[1].name == name]
    assert check_conformance("default", case.opening.number, case.entries) == []


@pytest.mark.parametrize("process", CURRENT.values(), ids=CURRENT)
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_is_tried_conforms(process: Process, data: st.DataObject) -> None:
    case = data.draw(walks(process)).case
    assert check_conformance("default", case.opening.number, case.entries) == []


@pytest.mark.parametrize("planted", PLANTED)
def test_what_is_planted_is_found(planted: str) -> None:
    spoil, code = PLANTED[planted]
    number = WARNED.opening.number
    first, *_ = check_conformance("default", number, relinked(spoil(WARNED.entries), number))
    assert first.code == code


def test_time_that_runs_back_is_found() -> None:
    case = play(CURRENT["complaint"], stories_of("complaint")[0])
    entries = list(case.entries)
    entries[-1] = entries[-1].model_copy(update={"at": entries[0].at - timedelta(days=1)})
    assert "time_back" in codes(case.opening.number, relinked(entries, case.opening.number))


def test_a_step_of_time_before_its_time_is_found() -> None:
    number, entries, at = next(
        (case.opening.number, list(case.entries), place)
        for case in played()
        for place, (before, entry) in enumerate(pairwise(case.entries), 1)
        if (before.step, entry.step) == ("quote_reminder", "quote_lapsed")
    )
    soon = entries[at - 1].at + timedelta(minutes=1)
    early = [*entries[:at], entries[at].model_copy(update={"at": soon})]
    assert codes(number, relinked(early, number)) == {"too_soon"}


def test_a_broken_chain_is_found_where_it_breaks() -> None:
    case = play(CURRENT["complaint"], stories_of("complaint")[0])
    entries = list(case.entries)
    entries[2] = entries[2].model_copy(update={"at": entries[2].at + timedelta(microseconds=1)})
    (found,) = check_conformance("default", case.opening.number, entries)
    assert (found.code, found.seq) == ("chain_broken", 4)
    assert found.number == case.opening.number
