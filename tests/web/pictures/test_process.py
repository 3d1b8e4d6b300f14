"""The picture of a process: all of it is there, in both languages, and nothing lies on anything."""

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache, partial
from itertools import combinations, pairwise

import pytest
from lxml import etree

from app.flow import CaseFlow, KindFlow, _case_flow, _kind_flow, all_arrows
from app.flow_counter import FlowCount
from cases import CURRENT, KINDS, stories_of
from domain.engine.case import Case
from domain.engine.process import Process
from domain.language.entries import EntryType
from domain.mining.flow import Arrow, Tally, moves_of
from domain.stories import play
from i18n.labels import LOCALES, label
from tests.support.copied_kind import KIND, copied_kind
from web.pictures.process import case_picture, flow_picture, process_picture
from web.pictures.svg import text_width

SVG = "{http://www.w3.org/2000/svg}"
SCREEN = 1366
Rect = tuple[float, float, float, float]

EVERY_KIND = pytest.mark.parametrize(
    "process", KINDS.values(), ids=lambda p: f"{p.kind}{p.version}"
)
EVERY_LANGUAGE = pytest.mark.parametrize("locale", LOCALES)


def read(picture: str) -> etree._Element:
    return etree.fromstring(picture.encode())


@cache
def told(kind: str) -> Sequence[Case]:
    process = CURRENT[kind]
    return [play(process, story, f"{process.prefix}1").case for story in stories_of(kind)]


def case_flow(process: Process, case: Case, locale: str) -> CaseFlow:
    named = partial(label, locale=locale, kind=process.kind)
    return _case_flow(process, case.opening.number, case.entries, named)


def kind_flow(process: Process, cases: Sequence[Case], locale: str) -> KindFlow:
    tally = Tally()
    for case in cases:
        tally.add(moves_of(case.entries))
    at = datetime(2026, 3, 3, tzinfo=UTC)
    open_now = {process.states[0].name.value: 12}
    named = partial(label, locale=locale, kind=process.kind)
    return _kind_flow(process, FlowCount(tally.flow(), open_now, None, None, at), named)


def pictures(process: Process, locale: str) -> Iterator[etree._Element]:
    """Yield a kind's picture as the table has it, with a long case's way, and with numbers."""
    yield read(process_picture(process, locale))
    if process is CURRENT[process.kind]:
        longest = max(told(process.kind), key=lambda case: len(case.entries))
        yield read(case_picture(process, case_flow(process, longest, locale), locale))
        yield read(flow_picture(process, kind_flow(process, told(process.kind), locale), locale))


def boxes(root: etree._Element) -> Mapping[str, Rect]:
    """Return the boxes of the states: left, top, right, bottom."""
    found = {}
    for group in root.iter(f"{SVG}g"):
        if state := group.get("data-state"):
            rect = next(each for each in group if each.get("class") == "box")
            x, y, width, height = (float(rect.get(n, "")) for n in ("x", "y", "width", "height"))
            found[state] = (x, y, x + width, y + height)
    return found


def arrows(root: etree._Element) -> list[Arrow]:
    """Return the arrows that are drawn, and those that lead back into their state."""
    return [
        (str(each.get("data-from")), str(each.get("data-to")), str(each.get("data-step")))
        for each in root.iter()
        if each.get("data-from") is not None
    ]


def segments(group: etree._Element) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    """Yield the straight parts of an arrow's line; its corners count as if they were sharp."""
    [path] = [each for each in group if each.tag == f"{SVG}path" and each.get("class") is None]
    numbers = [float(text) for text in re.findall(r"-?[\d.]+", path.get("d", ""))]
    yield from pairwise([*zip(numbers[::2], numbers[1::2], strict=True)])


def texts(root: etree._Element) -> set[str]:
    return {str(each.text) for each in root.iter(f"{SVG}text")}


@EVERY_KIND
@EVERY_LANGUAGE
def test_every_state_and_every_arrow_is_there_once(process: Process, locale: str) -> None:
    for root in pictures(process, locale):
        assert {*boxes(root)} == {state.name.value for state in process.states}
        drawn = arrows(root)
        assert sorted(drawn) == sorted(set(drawn))
        assert {*drawn} >= {*all_arrows(process, ())}


@EVERY_KIND
@EVERY_LANGUAGE
def test_every_label_is_there(process: Process, locale: str) -> None:
    for root in pictures(process, locale):
        shown = {text.removeprefix("↻ ").removeprefix("→ ") for text in texts(root)}
        titles = ["".join(t.text or "" for t in g if t.get("class") == "name") for g in root.iter()]
        joined = {title.replace(" ", "") for title in titles}
        for state in process.states:
            name = label(f"state.{state.name.value}", locale, process.kind)
            assert name.replace(" ", "") in joined
            assert label(f"stage.{state.stage.value}", locale) in shown
            for step in state.steps:
                if step.arrows:
                    assert label(f"step.{step.name}", locale, process.kind) in shown


@EVERY_KIND
@EVERY_LANGUAGE
def test_no_box_lies_on_another_and_no_line_runs_through_one(process: Process, locale: str) -> None:
    for root in pictures(process, locale):
        places = boxes(root)
        for (_, one), (_, other) in combinations(places.items(), 2):
            assert not meet(one, other)
        for group in root.iter(f"{SVG}g"):
            if group.get("data-from") is None:
                continue
            for (x1, y1), (x2, y2) in segments(group):
                line = (min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2))
                inside = [name for name, place in places.items() if meet(line, shrunk(place))]
                assert not inside, (group.get("data-from"), group.get("data-to"), inside)


def meet(one: Rect, other: Rect) -> bool:
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]


def shrunk(place: Rect) -> Rect:
    """Return a box without its edge, at which arrows begin and end."""
    return (place[0] + 1, place[1] + 1, place[2] - 1, place[3] - 1)


@EVERY_KIND
@EVERY_LANGUAGE
def test_no_text_leaves_its_box(process: Process, locale: str) -> None:
    for root in pictures(process, locale):
        places = boxes(root)
        for group in root.iter(f"{SVG}g"):
            for text in group.iter(f"{SVG}text"):
                if group.get("data-state") is None:
                    continue
                _, _, right, bottom = places[str(group.get("data-state"))]
                size = 10.5 if text.get("class") == "note" else 12
                assert float(text.get("x", "")) + text_width(text.text or "", size) <= right
                assert float(text.get("y", "")) <= bottom


@EVERY_KIND
@EVERY_LANGUAGE
def test_a_picture_fits_the_smallest_screen_and_stays_legible(
    process: Process, locale: str
) -> None:
    """At that width the smallest letters still have 9 points and the steps 11."""
    for root in pictures(process, locale):
        assert float(root.get("width", "")) <= SCREEN * 1.05


@EVERY_LANGUAGE
def test_it_says_what_it_is_to_who_cannot_see_it(locale: str) -> None:
    root = read(process_picture(CURRENT["complaint"], locale, "here"))
    assert root.get("role") == "img"
    title, description = root[0], root[1]
    assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
    assert title.get("id") == "here-title"
    for state in CURRENT["complaint"].states:
        assert label(f"state.{state.name.value}", locale, "complaint") in (description.text or "")


def test_it_has_no_style_and_no_script() -> None:
    """The policy of the pages lets none of them be: colours are classes."""
    for root in pictures(CURRENT["returns"], "zh_CN"):
        for element in root.iter():
            assert element.tag != f"{SVG}style"
            assert element.tag != f"{SVG}script"
            assert not {
                name
                for name in element.attrib
                if str(name)[:2] in ("st", "on") and name != "stroke-width"
            }


@pytest.mark.parametrize("process", CURRENT.values(), ids=CURRENT)
def test_it_is_the_same_every_time(process: Process) -> None:
    cases = [*told(process.kind)]
    first = [etree.tostring(each) for each in pictures(process, "zh_CN")]
    random.Random(1).shuffle(cases)
    again = flow_picture(process, kind_flow(process, cases, "zh_CN"), "zh_CN")
    assert etree.tostring(read(again)) == first[-1]
    assert [etree.tostring(each) for each in pictures(process, "zh_CN")] == first


@pytest.mark.parametrize("process", CURRENT.values(), ids=CURRENT)
def test_the_way_of_a_case_is_marked_and_no_other(process: Process) -> None:
    for case in told(process.kind)[:12]:
        flow = case_flow(process, case, "zh_CN")
        root = read(case_picture(process, flow, "zh_CN"))
        css = {
            (each.get("data-from"), each.get("data-to"), each.get("data-step")): each.get("class")
            for each in root.iter()
            if each.get("data-from") is not None
        }
        taken = {arrow for arrow, name in css.items() if "taken" in str(name)}
        assert taken == {(each.from_, each.to, each.step) for each in flow.path}
        here = [g.get("data-state") for g in root.iter(f"{SVG}g") if "here" in g.get("class", "")]
        assert here == [case.last.led_to]
        assert flow.number in (root[1].text or "")


def test_what_happened_more_than_once_is_counted() -> None:
    process = CURRENT["complaint"]
    case = max(told("complaint"), key=lambda case: sum(e.step == "propose" for e in case.entries))
    times = sum(entry.step == "propose" for entry in case.entries)
    assert times > 1
    assert f"{times} 次" in texts(
        read(case_picture(process, case_flow(process, case, "zh_CN"), "zh_CN"))
    )


def test_a_way_that_is_not_in_the_table_is_drawn_too() -> None:
    """A rewind leads from anywhere to anywhere."""
    process = CURRENT["complaint"]
    flow = case_flow(process, told("complaint")[0], "zh_CN")
    passage = flow.path[-1].model_copy(
        update={"from_": "proposed", "to": "received", "step": EntryType.REWOUND.value}
    )
    root = read(
        case_picture(process, flow.model_copy(update={"path": [*flow.path, passage]}), "zh_CN")
    )
    assert ("proposed", "received", "rewound") in arrows(root)
    assert label("entry.rewound", "zh_CN") in texts(root)


def test_numbers_make_arrows_thick_and_warm() -> None:
    process = CURRENT["complaint"]
    flow = kind_flow(process, told("complaint"), "en")
    root = read(flow_picture(process, flow, "en"))
    drawn = {
        (g.get("data-from"), g.get("data-to"), g.get("data-step")): g for g in root.iter(f"{SVG}g")
    }
    counted = {(each.from_, each.to, each.step): each for each in flow.arrows}
    widths = {}
    for key, group in drawn.items():
        if key[0] is None:
            continue
        each = counted[key]  # type: ignore[index]
        assert ("never" in group.get("class", "")) is (each.count == 0)
        assert ("heat-" in group.get("class", "")) is (each.count > 0)
        [path] = [p for p in group if p.get("class") is None and p.tag == f"{SVG}path"]
        widths[each.count] = float(path.get("stroke-width", ""))
    assert [widths[count] for count in sorted(widths)] == sorted(widths.values())
    most = max(flow.arrows, key=lambda each: each.count)
    assert any(text.startswith(f"{most.count}× ") for text in texts(root))
    assert "12 here now" in texts(root)


def test_no_cases_are_no_trouble() -> None:
    root = read(flow_picture(CURRENT["repair"], kind_flow(CURRENT["repair"], [], "en"), "en"))
    assert "0 cases were counted." in (root[1].text or "")
    assert [*root.iter(f"{SVG}g")][-1].get("data-state") is not None
    assert any(each.get("class") == "arrow never" for each in root.iter(f"{SVG}g"))


@EVERY_LANGUAGE
def test_a_new_kind_has_its_picture(tmp_path_factory: pytest.TempPathFactory, locale: str) -> None:
    with copied_kind(tmp_path_factory.mktemp("copied")) as kinds:
        [process, *_] = [each for (kind, _), each in kinds.items() if kind == KIND]
        root = read(process_picture(process, locale))
    assert {*boxes(root)} == {state.name.value for state in process.states}
